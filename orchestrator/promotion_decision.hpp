// What a promotion does next: a pure, total function of where the journal stands, what verify said, and the
// budget.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace halcyon::orchestrator {

/// The steps, in the order in which they are done. promotion_steps.cpp has one row for each.
enum class StepId {
  preflight,
  resolve,
  pull,
  prepare,
  create,
  start,
  gate,
  declare,
  switch_traffic,
  confirm,
  // ---- COMMIT: above this line we go back, below it we go on ----
  drain,
  retire,
  prune,
};
inline constexpr std::size_t k_step_count = 13;
inline constexpr StepId k_last_step_before_commit = StepId::confirm;

/// The step's word in journal, JSON and on the terminal.
std::string_view to_string(StepId step) noexcept;
std::optional<StepId> parse_step_id(std::string_view text) noexcept;
constexpr bool is_before_commit(StepId step) noexcept { return step <= k_last_step_before_commit; }

/// How far the journal says a step has come.
enum class Mark { none, began, done, undoing, undone };

/// What verify says when it asks the engine, nginx or the files.
enum class Verdict {
  not_asked,
  holds,
  does_not_hold,
  unknown,  ///< it could not be asked
};

/// What is left for the step that runs.
struct Budget {
  bool attempts = true;
  bool time = true;
};

/// `back` once anything before COMMIT failed for good, was interrupted, or was found unfinished at a start.
enum class Direction { forward, back };

using Marks = std::array<Mark, k_step_count>;

enum class ActionKind {
  apply,             ///< journal `began`, run the step's apply
  verify,            ///< ask; feed the verdict back
  record_done,       ///< journal `done`
  commit,            ///< journal COMMIT and make it durable
  undo,              ///< journal `undoing`, run the step's undo, journal `undone`
  finish_deployed,   ///< journal `end`
  finish_aborted,    ///< journal `end`
  leave_for_resume,  ///< committed and serving, but a step behind COMMIT could not be done: report, keep it
                     ///< open
};
std::string_view to_string(ActionKind kind) noexcept;

struct Action {
  ActionKind kind = ActionKind::apply;
  StepId step = StepId::preflight;  ///< meaningful for apply, verify, record_done, undo, leave_for_resume
  bool operator==(const Action&) const = default;
};

/// Total: every combination has an answer. No input, no output, no clock.
///
/// `verdict` and `budget` concern the step that began and is not done.
Action next_action(const Marks& marks, bool committed, Direction direction, Verdict verdict,
                   Budget budget) noexcept;

}  // namespace halcyon::orchestrator
