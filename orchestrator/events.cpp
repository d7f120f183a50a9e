#include "orchestrator/events.hpp"

namespace halcyon::orchestrator {

std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::promotion_began:
      return "promotion_began";
    case EventKind::step_began:
      return "step_began";
    case EventKind::progress:
      return "progress";
    case EventKind::step_done:
      return "step_done";
    case EventKind::step_failed:
      return "step_failed";
    case EventKind::step_undone:
      return "step_undone";
    case EventKind::committed:
      return "committed";
    case EventKind::note:
      return "note";
  }
  return "unknown";
}

}  // namespace halcyon::orchestrator
