#include "docker_api/tar_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_checksum_offset = 148;
constexpr std::size_t k_checksum_bytes = 8;
constexpr std::uint64_t k_octal_size_limit = std::uint64_t{1} << 33;  // eleven digits
constexpr std::uint64_t k_octal_id_limit = std::uint64_t{1} << 21;    // seven
constexpr std::uint32_t k_mode_mask = 07777;
constexpr std::int64_t k_nanoseconds = 1'000'000'000;
constexpr std::size_t k_fraction_digits = 9;

std::optional<std::uint64_t> parse_octal(std::string_view field) {
  const std::size_t first = field.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  field.remove_prefix(first);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
  if (error != std::errc{}) return std::nullopt;
  const bool ends_well = end == field.data() + field.size() || *end == '\0' || *end == ' ';
  return ends_well ? std::optional(value) : std::nullopt;
}

std::uint64_t sum_of(std::string_view block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_own = i >= k_checksum_offset && i < k_checksum_offset + k_checksum_bytes;
    sum += is_own ? std::uint64_t{' '} : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

/// Where ustar divides a long name; nothing if it cannot.
std::optional<std::size_t> find_split(std::string_view name) {
  const std::size_t slash = name.find('/', name.size() - k_tar_name_bytes - 1);
  const bool fits =
      slash != std::string_view::npos && slash > 0 && slash <= k_tar_prefix_bytes && slash + 1 < name.size();
  return fits ? std::optional(slash) : std::nullopt;
}

std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;  // blank, equals sign, line end
  std::size_t length = rest + 1;
  while (length != rest + fmt::formatted_size("{}", length))
    length = rest + fmt::formatted_size("{}", length);
  return fmt::format("{} {}={}\n", length, key, value);
}

std::string pax_time(const timespec& time) {
  const bool turns = time.tv_sec < 0 && time.tv_nsec > 0;  // -2 s and 0.5 s are written -1.5
  const std::int64_t seconds = turns ? time.tv_sec + 1 : time.tv_sec;
  const std::int64_t fraction = turns ? k_nanoseconds - time.tv_nsec : time.tv_nsec;
  const std::string_view sign = turns && seconds == 0 ? "-" : "";
  return fraction == 0 ? fmt::to_string(seconds) : fmt::format("{}{}.{:09}", sign, seconds, fraction);
}

void put(std::string& block, std::size_t offset, std::string_view text) {
  block.replace(offset, text.size(), text);
}

/// `width` digits, or the low bits in GNU's binary form.
void put_number(std::string& block, std::size_t offset, std::size_t width, std::uint64_t value,
                std::uint64_t octal_limit) {
  if (value < octal_limit) return put(block, offset, fmt::format("{:0{}o}", value, width));
  block[offset] = static_cast<char>(0x80);
  for (std::size_t i = width; i > 0; --i, value >>= 8) block[offset + i] = static_cast<char>(value & 0xff);
}

void append_block(std::string& out, std::string_view prefix, std::string_view name, char type,
                  const TarMember& member) {
  std::string block(k_tar_block_bytes, '\0');
  put(block, 0, name.substr(0, k_tar_name_bytes));
  put_number(block, 100, 7, member.mode & k_mode_mask, k_octal_id_limit);
  put_number(block, 108, 7, member.user_id, k_octal_id_limit);
  put_number(block, 116, 7, member.group_id, k_octal_id_limit);
  put_number(block, 124, 11, member.size_bytes, k_octal_size_limit);
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(member.modified_at.tv_sec, 0));
  put_number(block, 136, 11, seconds, k_octal_size_limit);
  block[156] = type;
  put(block, 157, std::string_view(member.link_target).substr(0, k_tar_name_bytes));
  put(block, 257, std::string_view("ustar\00000", 8));
  put(block, 345, prefix);
  put(block, k_checksum_offset, fmt::format("{:06o}", sum_of(block)));
  block[155] = ' ';
  out += block;
}

}  // namespace

std::optional<std::uint64_t> parse_tar_number(std::string_view field) {
  if ((static_cast<unsigned char>(field.front()) & 0x80) == 0) return parse_octal(field);
  std::uint64_t value = 0;
  for (const char c : field.substr(1)) {
    if (value >> 54 != 0) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

bool has_right_tar_checksum(std::string_view block) {
  return parse_octal(block.substr(k_checksum_offset, k_checksum_bytes)) == sum_of(block);
}

std::optional<timespec> parse_pax_time(std::string_view text) {
  std::int64_t seconds = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, seconds);
  if (error != std::errc{}) return std::nullopt;
  std::string fraction(end, last);
  const bool is_fraction =
      fraction.empty() ||
      (fraction.front() == '.' && fraction.find_first_not_of("0123456789", 1) == std::string::npos);
  if (!is_fraction) return std::nullopt;
  fraction.resize(1 + k_fraction_digits, '0');
  std::int64_t nanoseconds = 0;
  std::from_chars(fraction.data() + 1, fraction.data() + fraction.size(), nanoseconds);
  if (text.starts_with('-') && nanoseconds > 0) {
    if (seconds == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    --seconds;
    nanoseconds = k_nanoseconds - nanoseconds;
  }
  return timespec{.tv_sec = seconds, .tv_nsec = nanoseconds};
}

std::uint64_t padded_to_tar_block(std::uint64_t bytes) {
  return (bytes + k_tar_block_bytes - 1) / k_tar_block_bytes * k_tar_block_bytes;
}

std::optional<std::string_view> take_pax_record(std::string_view& records) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
  const auto digits = static_cast<std::size_t>(end - records.data());
  if (error != std::errc{} || length <= digits + 1 || length > records.size()) return std::nullopt;
  const std::string_view record = records.substr(digits + 1, length - digits - 2);
  records.remove_prefix(length);
  return record;
}

void append_tar_header(std::string& out, const TarMember& member) {
  std::string name = member.name;
  if (member.type == TarType::directory) name += '/';
  std::string pax;
  std::string_view prefix;
  std::string_view last = name;
  if (name.size() > k_tar_name_bytes) {
    if (const auto split = find_split(name)) {
      prefix = std::string_view(name).substr(0, *split);
      last = std::string_view(name).substr(*split + 1);
    } else {
      pax += pax_record("path", name);
    }
  }
  if (member.link_target.size() > k_tar_name_bytes) pax += pax_record("linkpath", member.link_target);
  if (member.size_bytes >= k_octal_size_limit) pax += pax_record("size", fmt::to_string(member.size_bytes));
  if (member.modified_at.tv_sec < 0 || member.modified_at.tv_nsec != 0)
    pax += pax_record("mtime", pax_time(member.modified_at));
  if (!pax.empty()) {
    append_block(out, {}, "pax", 'x', {.name = {}, .size_bytes = pax.size()});
    out += pax;
    out.append(padded_to_tar_block(pax.size()) - pax.size(), '\0');
  }
  append_block(out, prefix, last, static_cast<char>(member.type), member);
}

}  // namespace halcyon::docker_api
