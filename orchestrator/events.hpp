// What a running operation tells the one who watches. The library never prints.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

enum class EventKind {
  promotion_began,  ///< text: "promote r4 (web sha-3f9c2ab -> green)"
  step_began,
  progress,     ///< within a step: text, and current/total if they are known (bytes, successes, sockets)
  step_done,    ///< elapsed is set
  step_failed,  ///< text: why
  step_undone,
  committed,  ///< the point of no return is on disk
  note,       ///< something the operator should know; nothing failed
};
std::string_view to_string(EventKind kind) noexcept;

struct Event {
  EventKind kind = EventKind::note;
  std::string step;     ///< the step's word, empty outside of steps
  std::string service;  ///< empty if it concerns all
  std::string text;
  std::uint64_t current = 0;
  std::uint64_t total = 0;  ///< 0: unknown
  std::chrono::milliseconds elapsed{0};
};

/// Receives events on the executor's thread, after what they tell about is in the journal. Must not throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace halcyon::orchestrator
