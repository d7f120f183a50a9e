#include "docker_api/log_messages.hpp"

#include <fmt/format.h>

#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_message_limit_bytes = std::size_t{1} * 1024 * 1024;
constexpr const char* k_log_endpoint = "GET /containers/{id}/logs";

[[noreturn]] void refuse_message(std::string explanation) {
  throw Error(
      {.kind = ErrorKind::protocol, .endpoint = k_log_endpoint, .explanation = std::move(explanation)});
}

/// The digits behind the point, as nanoseconds.
std::chrono::nanoseconds fraction_of(std::string_view stamp) {
  const std::size_t point = stamp.find('.');
  if (point == std::string_view::npos) return {};
  std::int64_t nanoseconds = 0;
  std::int64_t scale = 100'000'000;
  for (std::size_t i = point + 1; i < stamp.size() && stamp[i] >= '0' && stamp[i] <= '9'; ++i, scale /= 10)
    nanoseconds += (stamp[i] - '0') * scale;
  return std::chrono::nanoseconds(nanoseconds);
}

}  // namespace

LogMessage parse_log_message(LogStream stream, std::string_view text) {
  const std::size_t blank = text.find(' ');
  const std::string_view stamp = text.substr(0, blank);
  const auto milliseconds = parse_time(stamp);
  if (blank == std::string_view::npos || !milliseconds) refuse_message("a message has no time");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*milliseconds);
  return {.stream = stream, .at = seconds + fraction_of(stamp), .text = std::string(text.substr(blank + 1))};
}

void LogMessages::complete(LogStream stream, std::string_view text) {
  ready_.push_back(parse_log_message(stream, text));
  waiting_.clear();
}

void LogMessages::feed(const LogPiece& piece, bool ends_frame) {
  waiting_ += piece.bytes;
  if (framing_ == Framing::multiplexed) {
    if (ends_frame) complete(piece.stream, waiting_);
  } else {
    std::string text = std::exchange(waiting_, {});
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      complete(piece.stream, std::string_view(text).substr(begin, end + 1 - begin));
    waiting_ = text.substr(begin);
  }
  if (waiting_.size() > k_message_limit_bytes)
    refuse_message(fmt::format("a message has more than {} bytes", k_message_limit_bytes));
}

std::optional<LogMessage> LogMessages::take() {
  if (ready_.empty()) return std::nullopt;
  LogMessage message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

std::optional<LogMessage> LogMessages::take_rest() {
  if (framing_ == Framing::raw && !waiting_.empty()) complete(LogStream::stdout_stream, waiting_);
  return take();
}

}  // namespace halcyon::docker_api
