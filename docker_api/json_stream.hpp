// The JSON messages of a streaming answer, one at a time. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_lines.hpp"

namespace halcyon::docker_api {

/// A message that has begun must have come whole by then, also where an engine may be silent for ever.
inline constexpr std::chrono::milliseconds k_message_deadline = std::chrono::minutes{1};

/// Pulls messages out of a stream; nothing is read ahead but what came in one piece.
///
/// Four ends, never confused: the clean end is nothing; an error among the messages is Error in_stream (G13);
/// a connection or message cut short is truncated; the caller's own wish is cancelled. Messages that came
/// before an error are handed out before it is thrown; every later call throws it again.
/// The stream's idle deadline is for a whole message, however it trickles.
class JsonStream {
 public:
  explicit JsonStream(ResponseStream stream, std::size_t message_limit_bytes = k_json_message_limit_bytes,
                      std::chrono::milliseconds message_deadline = k_message_deadline);

  /// The next message; nothing at the clean end. Errors: in_stream, truncated, cancelled, timeout, protocol.
  boost::asio::awaitable<std::optional<nlohmann::json>> next();

  /// For errors about a message's content.
  AnswerOrigin origin() const;
  const HttpResponse& head() const noexcept { return stream_.head(); }

 private:
  using Clock = std::chrono::steady_clock;

  boost::asio::awaitable<void> read_more(Clock::time_point asked);
  boost::asio::awaitable<std::string_view> read_piece(Clock::time_point asked);
  boost::asio::awaitable<std::string_view> read_until(Clock::time_point end, std::chrono::milliseconds limit);

  ResponseStream stream_;
  std::chrono::milliseconds message_deadline_;
  std::optional<Clock::time_point> begun_;  // of a message that has not ended
  JsonSplitter splitter_;
  std::deque<std::string> messages_;
  std::optional<Error> failure_;
  bool ended_ = false;
};

/// The engine's words if `message` reports an error; empty if it does not. errorDetail goes first: the bare
/// `error` is deprecated since API 1.48, and all that older builders send.
std::string find_message_error(const nlohmann::json& message);

}  // namespace halcyon::docker_api
