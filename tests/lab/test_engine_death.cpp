// The engine dies in the middle of a promotion (kill -9) and comes back, as after a crash or an upgrade of
// it.
#include <signal.h>
#include <unistd.h>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

/// An engine that may be killed: it is nobody else's.
class EngineDeath : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    lab = std::make_unique<PrivateLab>("/tmp/he" + std::to_string(::getpid()), "");
    release_image("one", **lab);
    release_image("two", **lab);
    special_image("slow", {"RELEASE=slow", "READY=after:4000"}, **lab);
    special_image("late", {"RELEASE=late", "READY=after:800"}, **lab);
    // To take it away takes as long as it may.
    special_image("deaf", {"RELEASE=deaf", "READY=never", "IGNORE_SIGTERM=1"}, **lab);
  }
  static void TearDownTestSuite() { lab.reset(); }

  void SetUp() override { ASSERT_TRUE(ended(project.install("one"), 0, "deployed")); }

  /// Returns when the engine answers again.
  static void kill_and_restart_engine() {
    ASSERT_EQ(run_lab({"restart", (**lab).directory, "engine", "--kill"}), 0);
  }

  /// Promotes; the engine dies at that event.
  Finished promote_until(const std::string& tag, const std::string& event, const std::string& step) const {
    const std::unique_ptr<Running> promotion = project.begin({"promote", "production", tag});
    EXPECT_TRUE(promotion->wait_for_event(event, step));
    kill_and_restart_engine();
    return promotion->finish();
  }

  /// The engine itself has brought it back; there is nothing to repair.
  void expect_back(const std::string& tag) const {
    EXPECT_TRUE(wait_until([&] { return project.get().release() == tag; }));
    const Finished resumed = project.resume();
    EXPECT_TRUE(ended(resumed, 0, "unchanged"));
    EXPECT_EQ(resumed.document.at("notes"), json::array());
    EXPECT_TRUE(project.serves(tag));
  }

  static std::unique_ptr<PrivateLab> lab;
  const Project project{Settings{}, **lab};
};
std::unique_ptr<PrivateLab> EngineDeath::lab;

TEST_F(EngineDeath, during_the_gate_leaves_the_old_release) {
  const Finished promoted = promote_until("slow", "step_done", "start");
  EXPECT_TRUE(ended(promoted, 1, "aborted"));
  EXPECT_TRUE(says(promoted, {"gate"}));  // that the engine is gone, or what it has done to the container
  expect_back("one");
}

TEST_F(EngineDeath, during_the_undoing_leaves_nothing_of_the_new_release) {
  project.configure({.gate = {{"deadline", quoted("700ms")}}});
  const Finished promoted = promote_until("deaf", "step_failed", "gate");
  EXPECT_TRUE(ended(promoted, 1, "aborted"));
  EXPECT_TRUE(says(promoted, {"gate", "not within 700 ms"}));
  expect_back("one");
}

TEST_F(EngineDeath, an_engine_that_hangs_for_a_while_is_waited_for) {
  const auto client = project.client({"one", "late"});
  const std::unique_ptr<Running> promotion = project.begin({"promote", "production", "late"});
  ASSERT_TRUE(promotion->wait_for_event("step_done", "start"));
  const int engine = std::stoi(read_file((**lab).directory + "/engine/docker.pid"));
  ASSERT_EQ(::kill(engine, SIGSTOP), 0);
  // The release answers soon; the gate then wants to know from the engine whether it has
  // restarted.
  EXPECT_FALSE(promotion->wait_for_event("step_done", "gate", milliseconds(2'500)));
  ASSERT_EQ(::kill(engine, SIGCONT), 0);
  EXPECT_TRUE(ended(promotion->finish(), 0, "deployed"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("late"));
}

TEST_F(EngineDeath, behind_the_switch_keeps_the_new_release) {
  EXPECT_TRUE(ended(promote_until("two", "committed", ""), 0, "deployed"));
  expect_back("two");
}

TEST_F(EngineDeath, at_rest_brings_back_what_serves_and_nothing_else) {
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  kill_and_restart_engine();
  expect_back("two");
  ASSERT_TRUE(ended(project.rollback(), 0, "deployed"));
  kill_and_restart_engine();
  expect_back("one");
}

}  // namespace
}  // namespace halcyon::lab_tests
