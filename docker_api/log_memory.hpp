// Which messages of a container's log have been seen. Private to docker_api; pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api {

using LogTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// How many different messages are remembered; of more in the overlap the oldest may come twice after a
/// reconnect.
inline constexpr std::size_t k_remembered_messages = 65'536;

/// Remembers the messages of the last moments by time, stream and a hash of their text, so that those which a
/// reconnect brings again are known. Two equal messages of one moment count as two.
class LogMemory {
 public:
  /// `overlap`: how far behind the newest message a reconnect asks again. The engine stamps stdout and stderr
  /// apart and only then puts them in order.
  explicit LogMemory(std::chrono::nanoseconds overlap) : overlap_(overlap) {}

  void add(LogTime at, LogStream stream, std::string_view text);
  /// Where to begin after a reconnect; nothing before the first message.
  std::optional<LogTime> resume_at() const;

  /// From now on everything seen is expected once more.
  void begin_replay() { expected_ = seen_; }
  /// True if the message is one of those; each is taken once.
  bool take_replayed(LogTime at, LogStream stream, std::string_view text);
  /// True if something that was seen has not come again. A log is read in its own order, so at the first new
  /// message this says that the log's beginning has been thrown away, and perhaps more.
  bool is_replay_incomplete() const { return !expected_.empty(); }
  void end_replay() { expected_.clear(); }

 private:
  using Key = std::tuple<LogTime, LogStream, std::size_t, std::size_t>;
  static Key key_of(LogTime at, LogStream stream, std::string_view text);

  std::chrono::nanoseconds overlap_;
  std::map<Key, std::size_t> seen_;  // how often; none older than the overlap
  std::map<Key, std::size_t> expected_;
  std::optional<LogTime> newest_;
};

}  // namespace halcyon::docker_api
