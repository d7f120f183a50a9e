#include "orchestrator/promotion_decision.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace halcyon::orchestrator {
namespace {

constexpr Budget k_plenty{.attempts = true, .time = true};
constexpr Budget k_none{.attempts = false, .time = false};

Marks done_up_to(StepId last) {
  Marks marks{};
  for (std::size_t index = 0; index <= static_cast<std::size_t>(last); ++index) marks[index] = Mark::done;
  return marks;
}

Marks with_state(Marks marks, StepId step, Mark mark) {
  marks[static_cast<std::size_t>(step)] = mark;
  return marks;
}

Action forward(const Marks& marks, bool committed, Verdict verdict = Verdict::not_asked,
               Budget budget = k_plenty) {
  return next_action(marks, committed, Direction::forward, verdict, budget);
}

TEST(PromotionDecision, begins_with_the_first_step) {
  EXPECT_EQ(forward({}, false), (Action{ActionKind::apply, StepId::preflight}));
}

TEST(PromotionDecision, asks_after_every_apply_whatever_it_returned) {
  const Marks marks = with_state(done_up_to(StepId::prepare), StepId::create, Mark::began);
  EXPECT_EQ(forward(marks, false), (Action{ActionKind::verify, StepId::create}));
  EXPECT_EQ(forward(marks, false, Verdict::holds, k_none), (Action{ActionKind::record_done, StepId::create}));
}

TEST(PromotionDecision, tries_again_while_there_are_attempts_and_then_goes_back_beginning_with_this_step) {
  const Marks marks = with_state(done_up_to(StepId::create), StepId::start, Mark::began);
  EXPECT_EQ(forward(marks, false, Verdict::does_not_hold), (Action{ActionKind::apply, StepId::start}));
  EXPECT_EQ(forward(marks, false, Verdict::does_not_hold, k_none), (Action{ActionKind::undo, StepId::start}));
}

TEST(PromotionDecision, asks_again_while_the_answer_is_unknown_and_there_is_time) {
  const Marks marks = with_state(done_up_to(StepId::pull), StepId::prepare, Mark::began);
  EXPECT_EQ(forward(marks, false, Verdict::unknown, {.attempts = false, .time = true}),
            (Action{ActionKind::verify, StepId::prepare}));
  EXPECT_EQ(forward(marks, false, Verdict::unknown, k_none), (Action{ActionKind::undo, StepId::prepare}));
}

TEST(PromotionDecision, commits_when_the_last_step_before_it_is_done) {
  EXPECT_EQ(forward(done_up_to(StepId::confirm), false).kind, ActionKind::commit);
}

TEST(PromotionDecision, never_goes_back_behind_commit) {
  const Marks marks = with_state(done_up_to(StepId::confirm), StepId::retire, Mark::began);
  EXPECT_EQ(next_action(marks, true, Direction::back, Verdict::not_asked, k_plenty),
            (Action{ActionKind::apply, StepId::drain}));
  const Marks stuck = with_state(done_up_to(StepId::drain), StepId::retire, Mark::began);
  EXPECT_EQ(forward(stuck, true, Verdict::does_not_hold, k_none),
            (Action{ActionKind::leave_for_resume, StepId::retire}));
}

TEST(PromotionDecision, ends_when_everything_is_done) {
  EXPECT_EQ(forward(done_up_to(StepId::prune), true).kind, ActionKind::finish_deployed);
}

TEST(PromotionDecision, undoes_from_the_last_step_to_the_first_and_then_has_aborted) {
  Marks marks = done_up_to(StepId::confirm);
  std::vector<StepId> undone;
  for (;;) {
    const Action action = next_action(marks, false, Direction::back, Verdict::not_asked, k_plenty);
    if (action.kind == ActionKind::finish_aborted) break;
    ASSERT_EQ(action.kind, ActionKind::undo);
    undone.push_back(action.step);
    marks = with_state(marks, action.step, Mark::undone);
  }
  ASSERT_EQ(undone.size(), 1 + static_cast<std::size_t>(StepId::confirm));
  EXPECT_EQ(undone.front(), StepId::confirm);
  EXPECT_EQ(undone.back(), StepId::preflight);
}

TEST(PromotionDecision, an_interrupted_undo_is_done_again) {
  const Marks marks = with_state(done_up_to(StepId::create), StepId::create, Mark::undoing);
  EXPECT_EQ(forward(marks, false), (Action{ActionKind::undo, StepId::create}));
}

/// Every mark on one step, everything before it done: all verdicts, budgets, sides and directions.
TEST(PromotionDecision, is_total_and_never_both_commits_and_goes_back) {
  int combinations = 0;
  for (std::size_t index = 0; index < k_step_count; ++index) {
    for (const Mark mark : {Mark::none, Mark::began, Mark::done, Mark::undoing, Mark::undone}) {
      for (const Verdict verdict :
           {Verdict::not_asked, Verdict::holds, Verdict::does_not_hold, Verdict::unknown}) {
        for (int bits = 0; bits < 16; ++bits) {
          Marks marks{};
          for (std::size_t before = 0; before < index; ++before) marks[before] = Mark::done;
          marks[index] = mark;
          const bool committed = (bits & 1) != 0;
          const Direction direction = (bits & 2) != 0 ? Direction::back : Direction::forward;
          const Budget budget{.attempts = (bits & 4) != 0, .time = (bits & 8) != 0};
          const Action action = next_action(marks, committed, direction, verdict, budget);
          ++combinations;
          if (committed) {
            EXPECT_NE(action.kind, ActionKind::undo);
            EXPECT_NE(action.kind, ActionKind::finish_aborted);
            EXPECT_NE(action.kind, ActionKind::commit);
          } else {
            EXPECT_NE(action.kind, ActionKind::finish_deployed);
            EXPECT_NE(action.kind, ActionKind::leave_for_resume);
          }
          if (action.kind == ActionKind::commit) {
            EXPECT_EQ(marks[static_cast<std::size_t>(StepId::confirm)], Mark::done);
          }
          if (action.kind == ActionKind::undo) {
            EXPECT_TRUE(is_before_commit(action.step));
          }
          if (action.kind == ActionKind::apply && mark == Mark::began &&
              action.step == static_cast<StepId>(index)) {
            EXPECT_TRUE(budget.attempts && budget.time);
          }
        }
      }
    }
  }
  EXPECT_EQ(combinations, 13 * 5 * 4 * 16);
}

TEST(PromotionDecision, words_of_steps_are_distinct_and_read_back) {
  std::set<std::string_view> words;
  for (std::size_t index = 0; index < k_step_count; ++index) {
    const auto step = static_cast<StepId>(index);
    words.insert(to_string(step));
    EXPECT_EQ(parse_step_id(to_string(step)), step);
  }
  EXPECT_EQ(words.size(), k_step_count);
  EXPECT_EQ(parse_step_id("teleport"), std::nullopt);
}

}  // namespace
}  // namespace halcyon::orchestrator
