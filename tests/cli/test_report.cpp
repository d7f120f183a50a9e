// install, promote, rollback and resume: what they ask of the orchestrator and how they report.
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Outcome;
using orchestrator::Report;
using std::chrono::milliseconds;

Report deployed_report() {
  Report report;
  report.outcome = Outcome::deployed;
  report.promotion = "p4";
  report.release = "r4";
  report.previous_release = "r3";
  report.services = {{"web", "green", "127.0.0.1:5000/shop/web:sha-3f9c2ab", "sha256:aa", "sha256:bb", true},
                     {"api", "blue", "127.0.0.1:5000/shop/api:sha-1", "sha256:cc", "sha256:dd", false}};
  report.steps = {{"pull", milliseconds{412}, "done"}, {"drain", milliseconds{90}, "done"}};
  report.requests = {true, 3120, 0};
  report.until_commit = milliseconds{412};
  report.total = milliseconds{1'650};
  report.notes = {"the disk is nearly full"};
  report.urls = {"http://shop.example.com/"};
  return report;
}

using Reports = CliTest;

TEST_F(Reports, promote_hands_on_what_is_wanted) {
  run({"promote", "production", "web=sha-1", "sha-2"});
  EXPECT_EQ(fake().calls, std::vector<std::string>{"promote production"});
  EXPECT_EQ(fake().promote_request.images,
            (std::map<std::string, std::string>{{"web", "sha-1"}, {"", "sha-2"}}));
}

TEST_F(Reports, install_hands_on_what_is_wanted_also_if_that_is_no_release) {
  run({"install", "staging", "sha-2"});
  EXPECT_EQ(fake().promote_request.images, (std::map<std::string, std::string>{{"", "sha-2"}}));
  run({"install", "staging"});
  EXPECT_TRUE(fake().promote_request.images.empty());
  EXPECT_EQ(fake().calls, (std::vector<std::string>{"install staging", "install staging"}));
}

TEST_F(Reports, rollback_hands_on_where_to) {
  run({"rollback", "production"});
  EXPECT_EQ(fake().rollback_request.to, "");
  run({"rollback", "production", "--to", "r12"});
  EXPECT_EQ(fake().rollback_request.to, "r12");
  const std::string digest = "sha256:" + std::string(64, '0');
  run({"rollback", "production", "--to", digest});
  EXPECT_EQ(fake().rollback_request.to, digest);
}

TEST_F(Reports, rollback_to_what_can_be_no_release_is_refused) {
  EXPECT_EQ(run({"rollback", "production", "--to", "shop/web:x"}), 2);
  EXPECT_EQ(error.text,
            "usage     --to shop/web:x: this is neither a release nor a tag nor a digest; 'halcyon releases "
            "ENV' lists "
            "what there is\n");
}

TEST_F(Reports, resume_is_called) {
  run({"resume", "production", "--yes"});
  EXPECT_EQ(fake().calls, std::vector<std::string>{"resume production"});
}

TEST_F(Reports, a_promotion_that_went_well_is_told_word_for_word) {
  fake().report = deployed_report();
  EXPECT_EQ(run({"promote", "production", "x"}), 0);
  EXPECT_EQ(output.text,
            "deployed  r4 serves production (was r3)  web green 127.0.0.1:5000/shop/web:sha-3f9c2ab\n"
            "          ready after 412 ms, done after 1.6 s; 3120 requests passed meanwhile, 0 failed\n"
            "          http://shop.example.com/\n");
}

TEST_F(Reports, several_changed_services_have_a_line_each) {
  fake().report = deployed_report();
  fake().report.services[1].changed = true;
  fake().report.urls.clear();
  run({"promote", "production", "x"});
  EXPECT_EQ(output.text,
            "deployed  r4 serves production (was r3)\n"
            "          web green 127.0.0.1:5000/shop/web:sha-3f9c2ab\n"
            "          api blue 127.0.0.1:5000/shop/api:sha-1\n"
            "          ready after 412 ms, done after 1.6 s; 3120 requests passed meanwhile, 0 failed\n");
}

TEST_F(Reports, requests_that_could_not_be_counted_are_not_called_none) {
  fake().report = deployed_report();
  fake().report.requests = {};
  fake().report.previous_release.clear();
  fake().report.urls.clear();
  run({"promote", "production", "x"});
  EXPECT_EQ(output.text,
            "deployed  r4 serves production  web green 127.0.0.1:5000/shop/web:sha-3f9c2ab\n"
            "          ready after 412 ms, done after 1.6 s; requests could not be counted\n");
}

TEST_F(Reports, an_installation_without_a_release_names_the_next_command) {
  fake().report.outcome = Outcome::deployed;
  fake().report.total = milliseconds{900};
  EXPECT_EQ(run({"install", "production"}), 0);
  EXPECT_EQ(output.text,
            "deployed  production is ready and waits for its first release: halcyon promote production TAG\n"
            "          done after 900 ms; requests could not be counted\n");
}

TEST_F(Reports, a_promotion_of_what_serves_already_says_so) {
  fake().report = deployed_report();
  fake().report.outcome = Outcome::unchanged;
  fake().report.urls.clear();
  EXPECT_EQ(run({"promote", "production", "x"}), 0);
  EXPECT_EQ(output.text, "unchanged  r4 serves production already\n");
}

TEST_F(Reports, a_failure_goes_to_standard_error_in_the_words_of_the_orchestrator) {
  fake().report.outcome = Outcome::aborted;
  fake().report.release = "r3";
  fake().report.text =
      "promote r4: the gate of web answered 500 for 60 s; r3 serves as before\nlook at its log";
  EXPECT_EQ(run({"promote", "production", "x"}), 1);
  EXPECT_EQ(output.text, "");
  EXPECT_EQ(error.text,
            "aborted   promote r4: the gate of web answered 500 for 60 s; r3 serves as before\n"
            "          look at its log\n");
}

TEST_F(Reports, every_outcome_has_its_exit_code_and_word_for_every_command_that_changes_something) {
  const std::pair<Outcome, int> codes[] = {
      {Outcome::deployed, 0}, {Outcome::unchanged, 0},      {Outcome::aborted, 1},
      {Outcome::usage, 2},    {Outcome::needs_operator, 3}, {Outcome::unreachable, 4},
      {Outcome::busy, 5},     {Outcome::rolled_back, 6},    {Outcome::check_failed, 7}};
  for (const auto& [outcome, code] : codes) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"promote", "production", "x", "--json"},
          {"install", "production", "--json"},
          {"rollback", "production", "--json"},
          {"resume", "production", "--json"}}) {
      fake().report.outcome = outcome;
      output.text.clear();
      EXPECT_EQ(run(words), code) << to_string(outcome) << ' ' << words.front();
      EXPECT_EQ(document()["outcome"], to_string(outcome));
      EXPECT_EQ(document()["success"], code == 0);
      EXPECT_EQ(document().contains("error"), code != 0);
    }
  }
}

TEST_F(Reports, in_json_a_promotion_is_told_whole) {
  fake().report = deployed_report();
  EXPECT_EQ(run({"promote", "production", "x", "--json"}), 0);
  EXPECT_EQ(document(), json::parse(R"({
    "success": true, "outcome": "deployed", "dry_run": false, "promotion": "p4", "release": "r4", "previous_release": "r3",
    "services": [
      {"name": "web", "slot": "green", "image": "127.0.0.1:5000/shop/web:sha-3f9c2ab", "digest": "sha256:aa",
       "image_id": "sha256:bb", "changed": true},
      {"name": "api", "slot": "blue", "image": "127.0.0.1:5000/shop/api:sha-1", "digest": "sha256:cc",
       "image_id": "sha256:dd", "changed": false}],
    "steps": [{"id": "pull", "milliseconds": 412, "result": "done"}, {"id": "drain", "milliseconds": 90, "result": "done"}],
    "requests": {"total": 3120, "failed": 0, "counted": true},
    "until_commit_milliseconds": 412, "milliseconds": 1650,
    "notes": ["the disk is nearly full"], "urls": ["http://shop.example.com/"]})"));
}

TEST_F(Reports, in_json_a_failure_has_its_text) {
  fake().report.outcome = Outcome::busy;
  fake().report.text = "bob promotes since 10:00";
  EXPECT_EQ(run({"rollback", "production", "--json"}), 5);
  EXPECT_EQ(document()["error"], "bob promotes since 10:00");
  EXPECT_EQ(document()["services"], json::array());
}

TEST_F(Reports, in_json_what_could_not_be_begun_has_the_members_of_a_report) {
  const std::vector<std::vector<std::string>> refused{
      {"promote", "nowhere", "x", "--json"},
      {"install", "production", "no such tag", "--json"},
      {"rollback", "production", "--to", "?", "--dry-run", "--json"},
      {"resume", "--json"}};
  for (const std::vector<std::string>& words : refused) {
    output.text.clear();
    EXPECT_EQ(run(words), 2);
    const json found = document();
    for (const char* member :
         {"success", "outcome", "release", "previous_release", "services", "steps", "requests"})
      EXPECT_TRUE(found.contains(member)) << words.front() << ": " << member;
    EXPECT_EQ(found["dry_run"], words.size() == 6) << words.front();
    EXPECT_FALSE(found["error"].get<std::string>().empty());
  }
}

TEST_F(Reports, bytes_that_are_not_utf8_do_not_break_the_document) {
  fake().report.outcome = Outcome::aborted;
  fake().report.text = "the engine says \xff";
  EXPECT_EQ(run({"promote", "production", "x", "--json"}), 1);
  EXPECT_EQ(document()["error"], "the engine says \xef\xbf\xbd");
}

TEST_F(Reports, progress_goes_to_standard_error_and_quiet_keeps_it_away) {
  fake().report = deployed_report();
  fake().events = {
      {.kind = orchestrator::EventKind::step_done, .step = "pull", .elapsed = milliseconds{412}}};
  run({"promote", "production", "x"});
  EXPECT_EQ(error.text, "pull      done   412 ms\n");
  error.text.clear();
  output.text.clear();
  run({"promote", "production", "x", "--quiet"});
  EXPECT_EQ(error.text, "");
  EXPECT_TRUE(output.text.starts_with("deployed  r4"));
}

}  // namespace
}  // namespace halcyon::cli::test
