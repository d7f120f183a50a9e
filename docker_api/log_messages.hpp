// Puts a log's messages together from the pieces that a connection brings. Private to docker_api; pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/log_follower.hpp"
#include "docker_api/output_pieces.hpp"

namespace halcyon::docker_api {

/// Splits "2026-11-25T10:00:00.123456789Z text\n". Errors: protocol if there is no time.
LogMessage parse_log_message(LogStream stream, std::string_view text);

/// In frames, each frame is one message; raw, each line is.
class LogMessages {
 public:
  explicit LogMessages(Framing framing) : framing_(framing) {}

  /// Takes a piece; `ends_frame` says whether its frame is complete. Errors: protocol for more than 1 MiB
  /// without an end.
  void feed(const LogPiece& piece, bool ends_frame);
  /// The next message that is complete.
  std::optional<LogMessage> take();
  /// What is left when the stream has ended: a last line without its end.
  std::optional<LogMessage> take_rest();

 private:
  void complete(LogStream stream, std::string_view text);

  Framing framing_;
  std::string waiting_;  // the beginning of a message
  std::deque<LogMessage> ready_;
};

}  // namespace halcyon::docker_api
