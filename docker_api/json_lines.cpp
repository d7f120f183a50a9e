#include "docker_api/json_lines.hpp"

#include <fmt/format.h>

#include <utility>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr char k_record_separator = '\x1e';

bool is_separator(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == k_record_separator;
}

[[noreturn]] void fail_message(ErrorKind kind, std::string why) {
  throw Error({.kind = kind, .endpoint = "JSON stream", .explanation = std::move(why)});
}

}  // namespace

JsonSplitter::JsonSplitter(std::size_t message_limit_bytes) : limit_(message_limit_bytes) {}

void JsonSplitter::feed(std::string_view bytes, const Sink& sink) {
  std::size_t start = 0;  // where the message in work begins in `bytes`; its earlier part is in pending_
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      continue;
    }
    if (depth_ == 0) {
      if (is_separator(c)) continue;
      if (c != '{' && c != '[') {
        fail_message(ErrorKind::protocol,
                     fmt::format("byte 0x{:02x} cannot start a message", static_cast<unsigned char>(c)));
      }
      start = i;
    }
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      const std::string_view rest = bytes.substr(start, i + 1 - start);
      if (pending_.size() + rest.size() > limit_)
        fail_message(ErrorKind::protocol, "a message over the limit");
      if (pending_.empty()) {
        sink(rest);  // the common case: nothing is copied
      } else {
        pending_.append(rest);
        const std::string message = std::exchange(pending_, {});
        sink(message);
      }
      start = i + 1;
    }
  }
  if (depth_ == 0) return;
  if (pending_.size() + (bytes.size() - start) > limit_) {
    fail_message(ErrorKind::protocol, fmt::format("a message over the limit of {} bytes", limit_));
  }
  pending_.append(bytes.substr(start));
}

void JsonSplitter::finish() const {
  if (depth_ > 0) fail_message(ErrorKind::truncated, "the stream ended in the middle of a message");
}

}  // namespace halcyon::docker_api
