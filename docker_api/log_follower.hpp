// A container's log across lost connections and restarts of the engine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// One message of a log: as a rule one line.
struct LogMessage {
  LogStream stream = LogStream::stdout_stream;
  std::chrono::sys_time<std::chrono::nanoseconds> at;  ///< when the engine read it from the container
  std::string text;  ///< its line end included; without one it is a part of a line over 16 KiB
  /// Between the message before and this one something may be missing: the log had been rotated away.
  bool after_gap = false;
};

/// What to follow, and how to come back after a lost connection.
struct FollowLogOptions {
  bool stdout_stream = true;
  bool stderr_stream = true;
  std::optional<std::int64_t> tail;  ///< lines of what is there already; nothing: all
  std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> since;
  std::optional<bool> tty;                  ///< if known; otherwise asked for where the engine does not tell
  std::chrono::milliseconds overlap{1000};  ///< asked for again after a reconnect, and told apart
  std::chrono::milliseconds first_pause{100};  ///< before a reconnect; doubles
  std::chrono::milliseconds longest_pause{5000};
  std::optional<std::chrono::milliseconds> give_up_after;  ///< of failed reconnects in a row; nothing: never
};

/// Follows a container's log to the container's end.
///
/// Each message comes once: after a lost connection the engine is asked from `overlap` before the newest
/// message on, and those that were seen (same time, stream and text) are left out. If the engine no longer
/// has what was seen, the next message says so (`after_gap`). Ends: when the stream ends cleanly and the
/// container is not running, paused or restarting, or is gone. So a
///       container that its restart policy starts again is followed on; one that is started by hand later is
///       not: follow it again, with `since`.
/// Limits: a log driver that can be read (json-file, local, journald). With a terminal, lines over 16 KiB
/// hold
///       the engine's own time stamps.
/// Round trips: one for each connection, and an inspect each time a stream ends cleanly.
/// Memory: one entry for each message of the last `overlap`.
/// Threads: one, the executor's; one next() at a time.
class LogFollower {
 public:
  /// `engine` must outlive it.
  LogFollower(Engine& engine, ContainerId id, FollowLogOptions options = {});
  LogFollower(LogFollower&&) noexcept;
  LogFollower& operator=(LogFollower&&) noexcept;
  ~LogFollower();

  /// The next message; nothing at the end.
  ///
  /// Errors: cancelled; not_found if the container is not there at first, or was removed while the connection
  /// was
  ///         lost: then its last messages may have been missed; protocol for a message without a time or over
  ///         1 MiB; in_stream with the engine's words if the log cannot be read; the last failure when
  ///         give_up_after has passed. The first connection is tried once.
  boost::asio::awaitable<std::optional<LogMessage>> next();
  /// How often it has connected.
  std::size_t connections() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halcyon::docker_api
