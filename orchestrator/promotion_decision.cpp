#include "orchestrator/promotion_decision.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::array<std::string_view, k_step_count> k_words{
    "preflight", "resolve", "pull",    "prepare", "create", "start", "gate",
    "declare",   "switch",  "confirm", "drain",   "retire", "prune",
};

constexpr StepId step_at(std::size_t index) noexcept { return static_cast<StepId>(index); }

/// The last step before COMMIT that has left, or may have left, something behind.
std::optional<StepId> last_to_undo(const Marks& marks) noexcept {
  for (std::size_t index = std::size_t{1} + static_cast<std::size_t>(k_last_step_before_commit);
       index-- > 0;) {
    if (marks[index] != Mark::none && marks[index] != Mark::undone) return step_at(index);
  }
  return std::nullopt;
}

Action go_back(const Marks& marks) noexcept {
  if (const auto step = last_to_undo(marks)) return {ActionKind::undo, *step};
  return {ActionKind::finish_aborted, StepId::preflight};
}

}  // namespace

std::string_view to_string(StepId step) noexcept { return k_words[static_cast<std::size_t>(step)]; }

std::optional<StepId> parse_step_id(std::string_view text) noexcept {
  for (std::size_t index = 0; index < k_step_count; ++index) {
    if (k_words[index] == text) return step_at(index);
  }
  return std::nullopt;
}

std::string_view to_string(ActionKind kind) noexcept {
  switch (kind) {
    case ActionKind::apply:
      return "apply";
    case ActionKind::verify:
      return "verify";
    case ActionKind::record_done:
      return "record_done";
    case ActionKind::commit:
      return "commit";
    case ActionKind::undo:
      return "undo";
    case ActionKind::finish_deployed:
      return "finish_deployed";
    case ActionKind::finish_aborted:
      return "finish_aborted";
    case ActionKind::leave_for_resume:
      return "leave_for_resume";
  }
  return "unknown";
}

Action next_action(const Marks& marks, bool committed, Direction direction, Verdict verdict,
                   Budget budget) noexcept {
  if (!committed && direction == Direction::back) return go_back(marks);
  for (std::size_t index = 0; index < k_step_count; ++index) {
    const StepId step = step_at(index);
    if (is_before_commit(step) && committed) continue;
    if (!is_before_commit(step) && !committed) return {ActionKind::commit, step};
    const Mark mark = marks[index];
    if (mark == Mark::done) continue;
    if (mark != Mark::began) {
      const bool was_undone = mark == Mark::undoing || mark == Mark::undone;
      return was_undone && !committed ? go_back(marks) : Action{ActionKind::apply, step};
    }
    // It began: what the world says counts, not what we remember of the attempt.
    if (verdict == Verdict::not_asked) return {ActionKind::verify, step};
    if (verdict == Verdict::holds) return {ActionKind::record_done, step};
    if (budget.time && verdict == Verdict::unknown) return {ActionKind::verify, step};
    if (budget.time && budget.attempts) return {ActionKind::apply, step};
    return committed ? Action{ActionKind::leave_for_resume, step} : go_back(marks);
  }
  return {ActionKind::finish_deployed, StepId::prune};
}

}  // namespace halcyon::orchestrator
