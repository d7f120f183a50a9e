// For the crash tests only, and only in a build with HALCYON_FAULT_POINTS: end or stop the process at one
// event.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/events.hpp"

namespace halcyon::cli {

/// The n-th event of a kind, of one step or of any.
struct FaultPoint {
  std::string kind;  ///< "step_began"
  std::string step;  ///< empty: any
  int number = 1;
  int signal = 0;  ///< what the process sends to itself
};

/// Parses "step_began:create", "committed:", "progress:drain:3".
///
/// Errors: Error usage for anything else, so that a test with a misspelt event does not pass by never firing.
FaultPoint parse_fault_point(std::string_view text, int signal);

/// Hands events on, after it has sent the signal if this is the one.
class FaultPoints final : public orchestrator::EventSink {
 public:
  FaultPoints(orchestrator::EventSink& next, std::vector<FaultPoint> points)
      : next_(next), points_(std::move(points)) {}
  void on_event(const orchestrator::Event& event) override;

 private:
  orchestrator::EventSink& next_;
  std::vector<FaultPoint> points_;
};

}  // namespace halcyon::cli
