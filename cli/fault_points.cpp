#include "cli/fault_points.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <csignal>

#include "cli/error.hpp"

namespace halcyon::cli {
namespace {

using orchestrator::EventKind;

bool is_event_kind(std::string_view word) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::note); ++kind) {
    if (to_string(static_cast<EventKind>(kind)) == word) {
      return true;
    }
  }
  return false;
}

}  // namespace

FaultPoint parse_fault_point(std::string_view text, int signal) {
  FaultPoint point;
  point.signal = signal;
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  point.kind = text.substr(0, first);
  bool is_valid = first != std::string_view::npos && is_event_kind(point.kind);
  if (is_valid) {
    point.step = text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  }
  if (is_valid && second != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + second + 1, end, point.number);
    is_valid = error == std::errc() && rest == end && point.number > 0;
  }
  if (!is_valid) {
    refuse_usage(
        fmt::format("'{}' is not a fault point; write EVENT:[STEP][:N], as in step_began:create", text));
  }
  return point;
}

void FaultPoints::on_event(const orchestrator::Event& event) {
  for (FaultPoint& point : points_) {
    const bool matches =
        point.kind == to_string(event.kind) && (point.step.empty() || point.step == event.step);
    if (matches && --point.number == 0) {
      ::kill(::getpid(), point.signal);
    }
  }
  next_.on_event(event);
}

}  // namespace halcyon::cli
