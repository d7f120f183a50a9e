#include "cli/progress_live.hpp"
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using orchestrator::EventKind;
using std::chrono::milliseconds;

unsigned wide() { return 80; }
unsigned narrow() { return 24; }

class ProgressLive : public ::testing::Test {
 protected:
  /// What was written since the last call.
  std::string written() { return std::exchange(output.text, ""); }
  void later(milliseconds by) {
    now += by;
    progress.tick();
  }

  StringOutput output;
  std::chrono::steady_clock::time_point now{};
  LiveProgress progress{output, [this] { return now; }, LiveStyle{}, wide};
};

TEST_F(ProgressLive, a_step_that_runs_is_redrawn_in_place_and_stays_as_a_line_when_it_is_done) {
  progress.on_event({.kind = EventKind::step_began, .step = "create"});
  EXPECT_EQ(written(), "| create    0 ms");
  later(milliseconds{120});
  EXPECT_EQ(written(), "\r\x1b[J/ create    120 ms");
  now += milliseconds{60};
  progress.on_event({.kind = EventKind::step_done, .step = "create", .elapsed = milliseconds{180}});
  EXPECT_EQ(written(), "\r\x1b[J+ create    180 ms\n");
  progress.finish();
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressLive, is_redrawn_at_most_twenty_times_a_second) {
  progress.on_event({.kind = EventKind::step_began, .step = "drain"});
  written();
  int frames = 0;
  for (int ms = 0; ms < 1'000; ++ms) {
    now += milliseconds{1};
    progress.on_event({.kind = EventKind::progress, .step = "drain", .current = 1000});
    frames += written().empty() ? 0 : 1;
  }
  EXPECT_EQ(frames, 20);
}

TEST_F(ProgressLive, nothing_that_stays_is_lost_between_two_frames) {
  progress.on_event({.kind = EventKind::promotion_began, .text = "promote r4"});
  EXPECT_EQ(written(), "promote r4\n");
  progress.on_event({.kind = EventKind::step_began, .step = "pull"});
  progress.on_event({.kind = EventKind::step_done, .step = "pull", .elapsed = milliseconds{1}});
  progress.on_event({.kind = EventKind::step_began, .step = "gate"});
  progress.on_event(
      {.kind = EventKind::step_failed, .step = "gate", .text = "500", .elapsed = milliseconds{2}});
  progress.on_event({.kind = EventKind::step_undone, .step = "create", .elapsed = milliseconds{3}});
  progress.on_event({.kind = EventKind::committed, .text = "r4"});
  progress.on_event({.kind = EventKind::note, .text = "disk"});
  EXPECT_EQ(written(), "") << "the first frame is not 50 ms old";
  progress.finish();
  EXPECT_EQ(written(),
            "+ pull      1 ms\n"
            "x gate      failed 2 ms\n"
            "< create    undone 3 ms\n"
            "  committed r4\n"
            "  note      disk\n");
}

TEST_F(ProgressLive, services_of_a_step_have_a_row_each_and_all_go_when_it_is_done) {
  progress.on_event({.kind = EventKind::step_began, .step = "pull"});
  progress.on_event({.kind = EventKind::progress,
                     .step = "pull",
                     .service = "web",
                     .current = 12'000'000,
                     .total = 48'000'000});
  progress.on_event({.kind = EventKind::progress, .step = "pull", .service = "api", .current = 500});
  written();
  later(milliseconds{50});
  EXPECT_EQ(written(),
            "\r\x1b[J| pull web  [=====>              ] 12.0 MB of 48.0 MB  50 ms\n"
            "| pull api  500 B  50 ms");
  now += milliseconds{50};
  progress.on_event({.kind = EventKind::step_done, .step = "pull", .elapsed = milliseconds{100}});
  EXPECT_EQ(written(), "\r\x1b[A\x1b[J+ pull      100 ms\n");
}

TEST_F(ProgressLive, a_full_bar_is_full_even_if_more_came_than_was_announced) {
  progress.on_event(
      {.kind = EventKind::progress, .step = "pull", .service = "web", .current = 3'000, .total = 2'000});
  EXPECT_EQ(written(), "| pull web  [====================] 3.0 kB of 2.0 kB  0 ms");
}

TEST_F(ProgressLive, rows_never_wrap) {
  LiveProgress small{output, [this] { return now; }, LiveStyle{}, narrow};
  small.on_event({.kind = EventKind::progress,
                  .step = "gate",
                  .service = "web",
                  .text = "connection refused by 10.1.2.3"});
  EXPECT_EQ(written(), "| gate web  connecti...");
}

TEST_F(ProgressLive, what_runs_disappears_at_the_end) {
  progress.on_event({.kind = EventKind::step_began, .step = "drain"});
  written();
  progress.finish();
  EXPECT_EQ(written(), "\r\x1b[J");
}

TEST_F(ProgressLive, frames_are_left_out_while_the_terminal_takes_nothing) {
  progress.on_event({.kind = EventKind::step_began, .step = "drain"});
  written();
  output.behind = true;
  later(milliseconds{100});
  later(milliseconds{100});
  EXPECT_EQ(written(), "");
  output.behind = false;
  later(milliseconds{100});
  EXPECT_EQ(written(), "\r\x1b[J\\ drain     300 ms") << "one frame, and the newest";
}

TEST_F(ProgressLive, has_colours_and_signs_where_the_terminal_has_them) {
  LiveProgress rich{output, [this] { return now; }, LiveStyle{true, true}, wide};
  rich.on_event({.kind = EventKind::step_began, .step = "pull"});
  EXPECT_EQ(written(), "\x1b[36m⠋\x1b[0m pull      0 ms");
  now += milliseconds{50};
  rich.on_event({.kind = EventKind::step_done, .step = "pull", .elapsed = milliseconds{50}});
  EXPECT_EQ(written(), "\r\x1b[J\x1b[32m✓\x1b[0m pull      50 ms\n");
}

TEST_F(ProgressLive, what_is_said_comes_above_what_runs) {
  progress.on_event({.kind = EventKind::step_began, .step = "gate"});
  written();
  now += milliseconds{50};
  progress.say("SIGINT: going back");
  EXPECT_EQ(written(), "\r\x1b[JSIGINT: going back\n| gate      50 ms");
}

using ProgressOfACommand = CliTest;

TEST_F(ProgressOfACommand, is_live_only_on_a_terminal_that_can_redraw) {
  fake().events = {{.kind = EventKind::step_began, .step = "pull"}};
  const auto is_live = [&](const std::vector<std::string>& words) {
    error.text.clear();
    run(words);
    return error.text.find("\x1b[J") != std::string::npos;
  };
  const std::vector<std::string> words = {"promote", "production", "x"};
  EXPECT_FALSE(is_live(words));
  surroundings.error_is_terminal = true;
  EXPECT_FALSE(is_live(words)) << "no TERM";
  surroundings.variables["TERM"] = "xterm";
  EXPECT_TRUE(is_live(words));
  surroundings.variables["NO_COLOR"] = "1";
  EXPECT_TRUE(is_live(words)) << "NO_COLOR is about colours";
  EXPECT_FALSE(is_live({"promote", "production", "x", "--json"}));
  EXPECT_FALSE(is_live({"promote", "production", "x", "--quiet"}));
  surroundings.variables["TERM"] = "dumb";
  EXPECT_FALSE(is_live(words));
}

}  // namespace
}  // namespace halcyon::cli::test
