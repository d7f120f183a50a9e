#include <gtest/gtest.h>

#include <csignal>

#include "cli/error.hpp"
#include "cli/fault_points.hpp"

namespace halcyon::cli {
namespace {

using orchestrator::Event;
using orchestrator::EventKind;

class Counter final : public orchestrator::EventSink {
 public:
  void on_event(const Event&) override { ++number; }
  int number = 0;
};

void tell(const std::string& point, const std::vector<Event>& events) {
  Counter counter;
  FaultPoints points(counter, {parse_fault_point(point, SIGKILL)});
  for (const Event& event : events) {
    points.on_event(event);
  }
  std::exit(counter.number);
}

TEST(FaultPoints, are_read_with_step_and_number) {
  const FaultPoint full = parse_fault_point("step_began:create:2", SIGKILL);
  EXPECT_EQ(full.kind, "step_began");
  EXPECT_EQ(full.step, "create");
  EXPECT_EQ(full.number, 2);
  const FaultPoint any = parse_fault_point("committed:", SIGSTOP);
  EXPECT_EQ(any.step, "");
  EXPECT_EQ(any.number, 1);
  EXPECT_EQ(any.signal, SIGSTOP);
}

TEST(FaultPoints, that_could_never_fire_are_refused) {
  for (const char* text : {"", "committed", "step_start:create", "step_began:create:", "step_began:create:0",
                           "step_began:create:x", "step_began:create:1:2"}) {
    EXPECT_THROW(parse_fault_point(text, SIGKILL), Error) << text;
  }
}

TEST(FaultPoints, kill_the_process_at_their_event) {
  const Event began{.kind = EventKind::step_began, .step = "create"};
  EXPECT_EXIT(tell("step_began:create", {began}), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(tell("step_began:create:2", {began, began}), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(tell("committed:", {{.kind = EventKind::committed, .text = "r4"}}),
              ::testing::KilledBySignal(SIGKILL), "");
}

TEST(FaultPoints, let_every_other_event_pass) {
  const Event began{.kind = EventKind::step_began, .step = "create"};
  EXPECT_EXIT(tell("step_began:create:2", {began}), ::testing::ExitedWithCode(1), "");
  EXPECT_EXIT(tell("step_began:start", {began, began}), ::testing::ExitedWithCode(2), "");
  EXPECT_EXIT(tell("step_done:create", {began, began, began}), ::testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace halcyon::cli
