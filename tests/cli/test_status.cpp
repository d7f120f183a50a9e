#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Outcome;
using orchestrator::Status;

Status production() {
  Status status;
  status.app = "shop";
  status.environment = "production";
  status.installed = true;
  status.current_release = "r4";
  status.previous_release = "r3";
  status.services = {{"web",
                      "web",
                      "green",
                      "running",
                      "healthy",
                      "shop/web:sha-2",
                      "sha256:aa",
                      "2026-07-30T08:48:00Z",
                      {{"shop_production_web_green_r4_1", "running", "healthy", "10.201.7.24", 0}}},
                     {"db",
                      "accessory",
                      "",
                      "exited",
                      "none",
                      "postgres:16",
                      "sha256:bb",
                      "",
                      {{"shop_production_db", "exited", "none", "", 2}}}};
  return status;
}

Status staging() {
  Status status;
  status.app = "shop";
  status.environment = "staging";
  return status;
}

using StatusCommand = CliTest;

TEST_F(StatusCommand, of_one_environment_is_told_word_for_word) {
  fake().statuses = {{"production", production()}};
  EXPECT_EQ(run({"status", "production"}), 0);
  EXPECT_EQ(output.text,
            "shop production: r4 (previous r3)\n"
            "  SERVICE  SLOT       STATE    HEALTH   UP          IMAGE\n"
            "  web      green      running  healthy  3 h 12 min  shop/web:sha-2\n"
            "  db       accessory  exited   none     -           postgres:16\n"
            "    shop_production_db  exited  none  -  2 restarts\n");
}

TEST_F(StatusCommand, says_what_is_not_as_it_should_be) {
  fake().statuses = {{"production", production()}};
  fake().statuses["production"].problems = {"nginx does not answer", "web did not answer"};
  fake().statuses["production"].services.clear();
  run({"status", "production"});
  EXPECT_EQ(output.text,
            "shop production: r4 (previous r3)\n  ! nginx does not answer\n  ! web did not answer\n");
}

TEST_F(StatusCommand, names_what_was_interrupted_and_who_is_at_work) {
  fake().statuses = {{"production", production()}};
  fake().statuses["production"].interrupted = "p5";
  fake().statuses["production"].busy = "bob since 10:00";
  fake().statuses["production"].services.clear();
  run({"status", "production"});
  EXPECT_EQ(output.text,
            "shop production: r4 (previous r3)\n"
            "  p5 was interrupted; 'halcyon resume production' finishes or undoes it\n"
            "  being changed right now: bob since 10:00\n");
}

TEST_F(StatusCommand, of_what_is_not_installed_names_the_next_command) {
  fake().statuses = {{"staging", staging()}};
  EXPECT_EQ(run({"status", "staging"}), 0);
  EXPECT_EQ(output.text, "shop staging: not installed; 'halcyon install staging TAG' creates it\n");
  output.text.clear();
  fake().statuses["staging"].installed = true;
  run({"status", "staging"});
  EXPECT_EQ(output.text,
            "shop staging: installed, no release yet; 'halcyon promote staging TAG' brings the first\n");
}

TEST_F(StatusCommand, in_json_of_one_environment_has_every_field) {
  fake().statuses = {{"production", production()}};
  EXPECT_EQ(run({"status", "production", "--json"}), 0);
  EXPECT_EQ(document(), json::parse(R"({
    "success": true, "outcome": "unchanged", "app": "shop", "environment": "production", "installed": true,
    "current_release": "r4", "previous_release": "r3", "interrupted": "", "busy": "", "problems": [],
    "services": [
      {"name": "web", "kind": "web", "slot": "green", "state": "running", "health": "healthy",
       "image": "shop/web:sha-2", "digest": "sha256:aa", "since": "2026-07-30T08:48:00Z",
       "containers": [{"name": "shop_production_web_green_r4_1", "state": "running", "health": "healthy",
                       "address": "10.201.7.24", "restarts": 0}]},
      {"name": "db", "kind": "accessory", "slot": "", "state": "exited", "health": "none", "image": "postgres:16",
       "digest": "sha256:bb", "since": "",
       "containers": [{"name": "shop_production_db", "state": "exited", "health": "none", "address": "",
                       "restarts": 2}]}]})"));
}

TEST_F(StatusCommand, without_an_environment_shows_all_of_them) {
  fake().statuses = {{"production", production()}, {"staging", staging()}};
  EXPECT_EQ(run({"status", "--json"}), 0);
  ASSERT_EQ(document()["environments"].size(), 2U);
  EXPECT_EQ(document()["environments"][0]["current_release"], "r4");
  EXPECT_EQ(document()["environments"][1]["installed"], false);
  EXPECT_EQ(document()["success"], true);
  output.text.clear();
  EXPECT_EQ(run({"status"}), 0);
  EXPECT_NE(output.text.find("shop production: r4"), std::string::npos);
  EXPECT_NE(output.text.find("\nshop staging: not installed"), std::string::npos);
}

TEST_F(StatusCommand, one_environment_that_cannot_be_read_does_not_hide_the_other) {
  fake().statuses = {{"staging", staging()}};
  fake().status_errors = {
      {"production", std::make_exception_ptr(orchestrator::Error(Outcome::needs_operator,
                                                                 "the journal has a hole at record 7"))}};
  EXPECT_EQ(run({"status", "--json"}), 3);
  EXPECT_EQ(document(), json::parse(R"({"success": false, "outcome": "needs_operator", "environments": [
    {"success": false, "outcome": "needs_operator", "app": "shop", "environment": "production",
     "error": "the journal has a hole at record 7"},
    {"success": true, "outcome": "unchanged", "app": "shop", "environment": "staging", "installed": false,
     "current_release": "", "previous_release": "", "interrupted": "", "busy": "", "problems": [], "services": []}]})"));
  EXPECT_EQ(run({"status"}), 3);
  EXPECT_EQ(error.text,
            "needs_operator  shop production: the journal has a hole at record 7\n"
            "shop staging: not installed; 'halcyon install staging TAG' creates it\n");
}

TEST_F(StatusCommand, of_an_engine_that_cannot_be_reached_exits_with_4) {
  fake().status_errors = {
      {"production", std::make_exception_ptr(orchestrator::Error(Outcome::unreachable, "no engine"))}};
  EXPECT_EQ(run({"status", "production"}), 4);
  EXPECT_EQ(error.text, "unreachable  no engine\n");
}

}  // namespace
}  // namespace halcyon::cli::test
