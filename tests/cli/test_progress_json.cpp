#include "cli/progress_json.hpp"
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Event;
using orchestrator::EventKind;

json line_of(const Event& event) {
  StringOutput output;
  JsonProgress(output, false).on_event(event);
  EXPECT_EQ(output.text.find('\n'), output.text.size() - 1) << "one line";
  return json::parse(output.text);
}

TEST(ProgressJson, every_event_is_one_line_with_the_fields_that_are_set) {
  EXPECT_EQ(line_of({.kind = EventKind::step_done, .step = "pull", .elapsed = std::chrono::milliseconds{12}}),
            json::parse(R"({"event": "step_done", "step": "pull", "milliseconds": 12})"));
  EXPECT_EQ(line_of({.kind = EventKind::step_began, .step = "pull"}),
            json::parse(R"({"event": "step_began", "step": "pull"})"));
  EXPECT_EQ(
      line_of({.kind = EventKind::progress,
               .step = "gate",
               .service = "web",
               .text = "holds",
               .current = 0,
               .total = 3}),
      json::parse(R"({"event": "progress", "step": "gate", "service": "web", "text": "holds", "current": 0,
                            "total": 3})"));
  EXPECT_EQ(line_of({.kind = EventKind::committed, .text = "r4"}),
            json::parse(R"({"event": "committed", "text": "r4", "milliseconds": 0})"));
  EXPECT_EQ(line_of({.kind = EventKind::note, .text = "two\nlines \xff"}),
            json::parse(R"({"event": "note", "text": "two\nlines \ufffd"})"));
}

TEST(ProgressJson, quiet_tells_no_events_but_what_must_be_said) {
  StringOutput output;
  JsonProgress progress(output, true);
  progress.on_event({.kind = EventKind::note, .text = "x"});
  EXPECT_EQ(output.text, "");
  progress.say("SIGINT: going back");
  EXPECT_EQ(json::parse(output.text), json::parse(R"({"event": "note", "text": "SIGINT: going back"})"));
}

using ProgressJsonOfACommand = CliTest;

TEST_F(ProgressJsonOfACommand, is_on_standard_error_and_the_document_on_standard_output) {
  fake().events = {{.kind = EventKind::step_began, .step = "pull"}};
  run({"promote", "production", "x", "--json"});
  EXPECT_EQ(error.text, "{\"event\":\"step_began\",\"step\":\"pull\"}\n");
  EXPECT_EQ(document()["outcome"], "aborted");
}

}  // namespace
}  // namespace halcyon::cli::test
