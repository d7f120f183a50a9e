#include "docker_api/tar_reader.hpp"

#include <algorithm>
#include <charconv>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::uint64_t k_extension_limit_bytes = std::uint64_t{64} * 1024;
constexpr int k_most_extensions = 16;  // of one member; pax and GNU need two

[[noreturn]] void refuse_archive(std::string explanation) {
  throw Error(
      {.kind = ErrorKind::protocol, .endpoint = "tar archive", .explanation = std::move(explanation)});
}

/// A field of text: up to its first zero byte.
std::string_view text_field(std::string_view block, std::size_t offset, std::size_t bytes) {
  const std::string_view field = block.substr(offset, bytes);
  return field.substr(0, field.find('\0'));
}

std::uint64_t number_field(std::string_view block, std::size_t offset, std::size_t bytes) {
  return parse_tar_number(block.substr(offset, bytes)).value_or(0);
}

std::string name_of(std::string_view block) {
  std::string name(text_field(block, 0, 100));
  // GNU's own format has other things where ustar has the prefix.
  if (block.substr(257, 6) != std::string_view("ustar\0", 6)) return name;
  const std::string_view prefix = text_field(block, 345, 155);
  return prefix.empty() ? name : std::string(prefix) + '/' + name;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

void TarReader::feed(std::string_view bytes, TarSink& sink) {
  while (!bytes.empty() && part_ != Part::ended && part_ != Part::broken) {
    if (part_ == Part::header) {
      bytes = take_block(bytes, sink);
    } else {
      bytes = take_contents(bytes, sink);
    }
  }
}

std::string_view TarReader::take_block(std::string_view bytes, TarSink& sink) {
  const std::size_t piece = std::min(k_tar_block_bytes - block_bytes_, bytes.size());
  std::copy_n(bytes.data(), piece, block_.data() + block_bytes_);
  block_bytes_ += piece;
  if (block_bytes_ == k_tar_block_bytes) {
    block_bytes_ = 0;
    read_header(sink);
  }
  return bytes.substr(piece);
}

std::string_view TarReader::take_contents(std::string_view bytes, TarSink& sink) {
  std::uint64_t& left = part_ == Part::padding ? padding_bytes_ : left_bytes_;
  const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
  if (part_ == Part::contents) sink.contents(bytes.substr(0, piece));
  if (part_ == Part::extension) extension_.append(bytes.substr(0, piece));
  left -= piece;
  if (left > 0) return {};
  if (part_ == Part::contents) sink.end();
  if (part_ == Part::extension) end_extension();
  part_ = part_ != Part::padding && padding_bytes_ > 0 ? Part::padding : Part::header;
  return bytes.substr(piece);
}

void TarReader::read_header(TarSink& sink) {
  const std::string_view block(block_.data(), block_.size());
  if (block.find_first_not_of('\0') == std::string_view::npos) {
    if (++zero_blocks_ == 2) part_ = Part::ended;
    return;
  }
  const auto size = parse_tar_number(block.substr(124, 12));
  if (zero_blocks_ > 0 || !size || !has_right_tar_checksum(block)) {
    part_ = Part::broken;
    return;
  }
  const char type = block[156];
  if (type == 'x' || type == 'g' || type == 'L' || type == 'K') return begin_extension(type, *size);
  begin_member(block, *size, sink);
}

void TarReader::begin_extension(char type, std::uint64_t size_bytes) {
  if (size_bytes > k_extension_limit_bytes) refuse_archive("the header of a member is longer than 64 KiB");
  if (++extensions_in_a_row_ > k_most_extensions)
    refuse_archive("it has many headers that belong to no member");
  extension_type_ = type;
  extension_.clear();
  left_bytes_ = size_bytes;
  padding_bytes_ = padded_to_tar_block(size_bytes) - size_bytes;
  if (size_bytes > 0) part_ = Part::extension;
}

void TarReader::end_extension() {
  const std::string_view text = std::string_view(extension_).substr(0, extension_.find('\0'));
  if (extension_type_ == 'L') extended_.name = text;
  if (extension_type_ == 'K') extended_.link_target = text;
  if (extension_type_ != 'x') return;  // what holds for all members says nothing that we need
  for_each_pax_record(extension_, [this](std::string_view key, std::string_view value) {
    if (key == "path") extended_.name = value;
    if (key == "linkpath") extended_.link_target = value;
    if (key == "size") extended_.size_bytes = parse_decimal(value);
    if (key == "mtime") extended_.modified_at = parse_pax_time(value);
    if (key.starts_with("GNU.sparse.")) refuse_archive("it holds a sparse file in GNU's form");
  });
}

void TarReader::begin_member(std::string_view block, std::uint64_t size_bytes, TarSink& sink) {
  char type = block[156];
  if (type == 'S') refuse_archive("it holds a sparse file in GNU's form");
  if (type == '\0' || type == '7') type = '0';
  TarMember member{.name = extended_.name ? *extended_.name : name_of(block),
                   .type = static_cast<TarType>(type),
                   .mode = static_cast<std::uint32_t>(number_field(block, 100, 8)) & 07777,
                   .user_id = number_field(block, 108, 8),
                   .group_id = number_field(block, 116, 8),
                   .modified_at = extended_.modified_at.value_or(
                       timespec{.tv_sec = static_cast<time_t>(number_field(block, 136, 12)), .tv_nsec = 0}),
                   .link_target = extended_.link_target ? *extended_.link_target
                                                        : std::string(text_field(block, 157, 100))};
  // Links, devices and directories have no contents, whatever their size says.
  const bool has_contents = type < '1' || type > '6';
  if (has_contents) member.size_bytes = extended_.size_bytes.value_or(size_bytes);
  if (member.type == TarType::file && member.name.ends_with('/')) member.type = TarType::directory;
  while (member.type == TarType::directory && member.name.ends_with('/')) member.name.pop_back();
  extended_ = {};
  extensions_in_a_row_ = 0;
  left_bytes_ = member.size_bytes;
  padding_bytes_ = padded_to_tar_block(member.size_bytes) - member.size_bytes;
  sink.begin(member);
  if (left_bytes_ > 0) {
    part_ = Part::contents;
  } else {
    sink.end();
  }
}

void TarReader::finish() const {
  if (part_ != Part::ended) refuse_archive("it could not be read to its end");
}

}  // namespace halcyon::docker_api
