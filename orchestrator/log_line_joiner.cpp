#include "orchestrator/log_line_joiner.hpp"

#include <algorithm>

#include "docker_api/json_fields.hpp"

namespace halcyon::orchestrator {
namespace {

using docker_api::LogStream;

constexpr std::size_t k_part_bytes = std::size_t{16} * 1024;
constexpr std::size_t k_longest_line_bytes = 4 * k_part_bytes;
/// "2026-11-20T10:00:00.123456789+02:00" and a blank.
constexpr std::size_t k_longest_time_bytes = 36;

/// The bytes at the beginning of `text` that are a time and a blank; 0 if there is none.
std::size_t time_bytes(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || !docker_api::parse_time(text.substr(0, blank))) return 0;
  return blank + 1;
}

}  // namespace

void LogLineJoiner::take(LogStream stream, std::string_view piece) {
  Pending& pending = pending_[stream];
  for (auto newline = piece.find('\n'); newline != std::string_view::npos; newline = piece.find('\n')) {
    take_text(stream, pending, piece.substr(0, newline));
    end_line(stream, pending);
    piece.remove_prefix(newline + 1);
  }
  take_text(stream, pending, piece);
}

void LogLineJoiner::finish() {
  for (auto& [stream, pending] : pending_) {
    const bool has_any = !pending.text.empty() || !pending.time.empty() || !pending.undecided.empty();
    if (has_any) end_line(stream, pending);
  }
}

void LogLineJoiner::take_text(LogStream stream, Pending& pending, std::string_view text) {
  while (!text.empty()) {
    if (pending.text.size() >= k_longest_line_bytes) give(stream, pending);
    const bool at_part = timestamps_ && pending.part_bytes == 0;
    if (at_part) {
      const std::size_t blank = text.find(' ');
      const std::size_t wanted = blank == std::string_view::npos ? text.size() : blank + 1;
      const std::size_t taken = std::min(wanted, k_longest_time_bytes - pending.undecided.size());
      pending.undecided += text.substr(0, taken);
      text.remove_prefix(taken);
      const bool is_decided =
          pending.undecided.ends_with(' ') || pending.undecided.size() >= k_longest_time_bytes;
      if (is_decided) begin_part(pending);
      continue;
    }
    std::size_t room = k_longest_line_bytes - pending.text.size();
    if (timestamps_) room = std::min(room, pending.part_bytes);
    const std::size_t taken = std::min(text.size(), room);
    pending.text += text.substr(0, taken);
    if (timestamps_) pending.part_bytes -= taken;
    text.remove_prefix(taken);
  }
}

void LogLineJoiner::begin_part(Pending& pending) {
  const std::size_t time = time_bytes(pending.undecided);
  if (pending.time.empty()) pending.time = pending.undecided.substr(0, time);
  const std::string_view text = std::string_view(pending.undecided).substr(time);
  pending.text += text;
  pending.part_bytes = k_part_bytes - text.size();
  pending.undecided.clear();
}

void LogLineJoiner::end_line(LogStream stream, Pending& pending) {
  if (!pending.undecided.empty()) begin_part(pending);
  give(stream, pending);
  pending.time.clear();
  pending.part_bytes = 0;
}

void LogLineJoiner::give(LogStream stream, Pending& pending) {
  sink_(stream, pending.time + pending.text);
  pending.text.clear();
}

}  // namespace halcyon::orchestrator
