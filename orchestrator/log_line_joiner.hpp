// The engine's pieces of one container's log, joined into whole lines. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "docker_api/log_frames.hpp"

namespace halcyon::orchestrator {

/// Joins pieces of any size into lines, each stream for itself.
///
/// The engine cuts a line that is longer than 16 KiB into parts of exactly that size and, asked for times,
/// writes one in front of every part: those inside a line are taken out again. A line over 64 KiB is given in
/// pieces, each with the time of its line.
/// Source: G24; moby daemon/logger/copier.go (parts), api/server/httputils/write_log_stream.go (times).
class LogLineJoiner {
 public:
  /// One whole line without its newline; with times, the time and a blank come first.
  using Sink = std::function<void(docker_api::LogStream, std::string_view)>;

  LogLineJoiner(bool timestamps, Sink sink) : timestamps_(timestamps), sink_(std::move(sink)) {}

  void take(docker_api::LogStream stream, std::string_view piece);
  /// To be called at the end of the log: gives what has no newline.
  void finish();

 private:
  struct Pending {
    std::string time;            ///< of the line, with the blank behind it
    std::string text;            ///< of the line, without any time
    std::string undecided;       ///< the first bytes of a part: a time, or not
    std::size_t part_bytes = 0;  ///< that are still to come before the next part
  };

  void take_text(docker_api::LogStream stream, Pending& pending, std::string_view text);
  static void begin_part(Pending& pending);
  void end_line(docker_api::LogStream stream, Pending& pending);
  void give(docker_api::LogStream stream, Pending& pending);

  bool timestamps_;
  Sink sink_;
  std::map<docker_api::LogStream, Pending> pending_;
};

}  // namespace halcyon::orchestrator
