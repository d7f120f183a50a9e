#include "cli/progress_lines.hpp"
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using orchestrator::Event;
using orchestrator::EventKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ProgressLines : public ::testing::Test {
 protected:
  StringOutput output;
  std::chrono::steady_clock::time_point now{};
  LineProgress progress{output, [this] { return now; }, false};
};

TEST_F(ProgressLines, every_kind_of_event_has_its_line_word_for_word) {
  progress.on_event({.kind = EventKind::promotion_began, .text = "promote r4 (web sha-3f9c2ab -> green)"});
  progress.on_event({.kind = EventKind::step_began, .step = "preflight"});
  progress.on_event({.kind = EventKind::step_done, .step = "preflight", .elapsed = milliseconds{3}});
  progress.on_event({.kind = EventKind::step_done, .step = "pull", .elapsed = milliseconds{412}});
  progress.on_event(
      {.kind = EventKind::step_failed, .step = "gate", .text = "500 for 60 s", .elapsed = seconds{60}});
  progress.on_event(
      {.kind = EventKind::step_undone, .step = "create", .service = "web", .elapsed = milliseconds{1'234}});
  progress.on_event({.kind = EventKind::committed, .text = "r4"});
  progress.on_event({.kind = EventKind::note, .text = "the access log cannot be read"});
  EXPECT_EQ(output.text,
            "promote r4 (web sha-3f9c2ab -> green)\n"
            "preflight done   3 ms\n"
            "pull      done   412 ms\n"
            "gate      failed 1 min 0 s\n"
            "create web undone 1.2 s\n"
            "committed r4\n"
            "note      the access log cannot be read\n");
}

TEST_F(ProgressLines, a_step_that_takes_long_says_where_it_is_every_five_seconds) {
  const auto pulled = [](std::uint64_t bytes) {
    return Event{
        .kind = EventKind::progress, .step = "pull", .service = "web", .current = bytes, .total = 48'000'000};
  };
  progress.on_event({.kind = EventKind::step_began, .step = "pull"});
  progress.on_event(pulled(1));
  now += milliseconds{4'999};
  progress.on_event(pulled(2));
  EXPECT_EQ(output.text, "");
  now += milliseconds{1};
  progress.on_event(pulled(12'345'678));
  progress.on_event(pulled(12'345'679));
  EXPECT_EQ(output.text, "pull web  12.3 MB of 48.0 MB\n");
  now += seconds{5};
  progress.on_event({.kind = EventKind::progress, .step = "drain", .text = "connections left", .current = 5});
  EXPECT_EQ(output.text, "pull web  12.3 MB of 48.0 MB\ndrain     5 sockets left\n");
}

TEST_F(ProgressLines, numbers_are_told_in_the_unit_of_their_step) {
  EXPECT_EQ(progress_words({.step = "gate", .text = "holds", .current = 2, .total = 3}), "2 of 3, holds");
  EXPECT_EQ(progress_words({.step = "gate", .text = "connection refused"}), "connection refused");
  EXPECT_EQ(progress_words({.step = "drain", .current = 1, .total = 9}), "1 socket left");
  EXPECT_EQ(progress_words({.step = "pull", .text = "Extracting", .current = 4'200}), "4.2 kB, Extracting");
  EXPECT_EQ(progress_words({.step = "backup"}), "");
}

TEST_F(ProgressLines, text_of_others_stays_on_its_line_and_is_harmless) {
  progress.on_event({.kind = EventKind::note, .text = "two\nlines \x1b[2J"});
  EXPECT_EQ(output.text, "note      two lines \n");
}

TEST_F(ProgressLines, quiet_tells_only_what_somebody_should_know) {
  LineProgress quiet{output, [this] { return now; }, true};
  quiet.on_event({.kind = EventKind::step_failed, .step = "gate", .text = "x"});
  EXPECT_EQ(output.text, "");
  quiet.on_event({.kind = EventKind::note, .text = "the disk is nearly full"});
  EXPECT_EQ(output.text, "note      the disk is nearly full\n");
  output.text.clear();
  quiet.say("SIGINT: going back");
  EXPECT_EQ(output.text, "SIGINT: going back\n");
}

}  // namespace
}  // namespace halcyon::cli::test
