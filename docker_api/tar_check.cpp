#include "docker_api/tar_check.hpp"

#include <algorithm>
#include <charconv>

#include "docker_api/error.hpp"
#include "docker_api/status_error.hpp"
#include "docker_api/tar_header.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_tail_bytes = std::size_t{8} * 1024;
constexpr std::size_t k_half_error_bytes = std::size_t{1} * 1024;
constexpr std::size_t k_error_end_bytes = 16;
/// tar pads to whole records, 10 KiB as a rule; an error's words are short.
constexpr std::size_t k_behind_limit_bytes = std::size_t{1} << 20;
/// A longer extended header is skipped unread.
constexpr std::uint64_t k_extended_limit_bytes = std::uint64_t{1} << 20;
constexpr std::size_t k_size_offset = 124;
constexpr std::size_t k_size_bytes = 12;
constexpr std::size_t k_type_offset = 156;

std::optional<std::uint64_t> find_pax_size(std::string_view records) {
  std::optional<std::uint64_t> found;
  for_each_pax_record(records, [&found](std::string_view key, std::string_view value) {
    std::uint64_t size = 0;
    if (key != "size") return;
    if (std::from_chars(value.data(), value.data() + value.size(), size).ec == std::errc{}) found = size;
  });
  return found;
}

/// The engine's words if the last bytes are a JSON error. One that stands in a file's own contents is not
/// taken for one: it is asked for only when the archive is not whole.
std::string find_trailing_error(std::string_view tail) {
  const std::size_t last = tail.find_last_not_of(" \r\n");
  if (last == std::string_view::npos || tail[last] != '}') return {};
  tail = tail.substr(0, last + 1);
  for (const std::string_view start : {R"({"message")", R"({"errorDetail")", R"({"error")", R"({"cause")"}) {
    const std::size_t at = tail.rfind(start);
    if (at != std::string_view::npos) return find_engine_text(tail.substr(at));
  }
  return {};
}

}  // namespace

/// An error ends with '}' and a line feed, and nearly always comes whole. Of what does not end like one much
/// less is kept, for the case that it is the first half: to copy more would cost more than to look at the
/// archive.
void TarChecker::keep_tail(std::string_view bytes) {
  const std::string_view end = bytes.substr(bytes.size() - std::min(bytes.size(), k_error_end_bytes));
  const bool may_be_error = end.find('}') != std::string_view::npos;
  if (!may_be_error && bytes.size() >= k_tail_bytes) {
    tail_.assign(bytes.substr(bytes.size() - k_half_error_bytes));
    return;
  }
  if (bytes.size() >= k_tail_bytes) {
    tail_.assign(bytes.substr(bytes.size() - k_tail_bytes));
    return;
  }
  if (tail_.size() + bytes.size() > 2 * k_tail_bytes) tail_.erase(0, tail_.size() - k_tail_bytes);
  tail_.append(bytes);
}

void TarChecker::feed(std::string_view bytes) {
  if (!bytes.empty()) is_empty_ = false;
  keep_tail(bytes);
  while (!bytes.empty()) {
    switch (part_) {
      case Part::header:
        bytes = take_block(bytes);
        break;
      case Part::contents: {
        const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(contents_left_, bytes.size()));
        if (in_extended_ && extended_.size() < extended_bytes_) {
          extended_.append(bytes.substr(0, std::min(piece, extended_bytes_ - extended_.size())));
        }
        bytes.remove_prefix(piece);
        contents_left_ -= piece;
        if (contents_left_ > 0) break;
        part_ = Part::header;
        if (in_extended_) end_extended_header();
        break;
      }
      case Part::ended:
        has_rubbish_ = has_rubbish_ || bytes.find_first_not_of('\0') != std::string_view::npos;
        return count_behind(bytes.size());
      case Part::broken:
        return count_behind(bytes.size());
    }
  }
}

void TarChecker::count_behind(std::size_t bytes) {
  bytes_behind_ += bytes;
  if (bytes_behind_ <= k_behind_limit_bytes) return;
  throw Error({.kind = ErrorKind::protocol,
               .endpoint = "tar archive",
               .explanation = part_ == Part::ended ? "more than 1 MiB follows the end of the archive"
                                                   : "it is no tar archive, or broken in the middle"});
}

std::string_view TarChecker::take_block(std::string_view bytes) {
  const std::size_t piece = std::min(k_tar_block_bytes - block_bytes_, bytes.size());
  std::copy_n(bytes.data(), piece, block_.data() + block_bytes_);
  block_bytes_ += piece;
  if (block_bytes_ == k_tar_block_bytes) {
    block_bytes_ = 0;
    read_header();
  }
  return bytes.substr(piece);
}

void TarChecker::read_header() {
  const std::string_view block(block_.data(), block_.size());
  if (block.find_first_not_of('\0') == std::string_view::npos) {
    if (++zero_blocks_ == 2) part_ = Part::ended;
    return;
  }
  const auto size = parse_tar_number(block.substr(k_size_offset, k_size_bytes));
  if (zero_blocks_ > 0 || !size || !has_right_tar_checksum(block)) {
    part_ = Part::broken;
    return;
  }
  const char type = block[k_type_offset];
  const bool is_extension = type == 'x' || type == 'g' || type == 'L' || type == 'K';
  // Links, devices and directories have no contents, whatever their size says.
  const bool has_contents = type < '1' || type > '6';
  std::uint64_t bytes = *size;
  if (!is_extension) {
    bytes = next_size_.value_or(bytes);
    next_size_.reset();
  }
  if (!has_contents || bytes == 0) return;
  in_extended_ = type == 'x' && bytes <= k_extended_limit_bytes;
  extended_bytes_ = in_extended_ ? static_cast<std::size_t>(bytes) : 0;
  extended_.clear();
  contents_left_ = padded_to_tar_block(bytes);
  part_ = Part::contents;
}

void TarChecker::end_extended_header() {
  in_extended_ = false;
  next_size_ = find_pax_size(extended_);
}

void TarChecker::finish(std::string_view endpoint) const {
  if (part_ == Part::ended && !has_rubbish_) return;
  ErrorFacts facts{.endpoint = std::string(endpoint), .http_status = 200};
  facts.engine_text = find_trailing_error(tail_);
  if (!facts.engine_text.empty()) {
    facts.kind = ErrorKind::in_stream;
    facts.explanation = "the engine could not finish the archive";
  } else if (part_ == Part::ended) {
    facts.explanation = "something follows the end of the archive";
  } else if (part_ == Part::broken) {
    facts.explanation = "the answer is not a tar archive";
  } else {
    facts.kind = ErrorKind::truncated;
    facts.explanation = is_empty_ ? "no archive came" : "the archive ended before its end mark";
  }
  throw Error(std::move(facts));
}

}  // namespace halcyon::docker_api
