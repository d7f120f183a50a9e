// Global options, environment variables and errors that every command shares.
#include "docker_api/error.hpp"
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Outcome;
using Options = CliTest;

TEST_F(Options, the_engine_is_the_option_else_the_variable_else_the_usual_socket) {
  fake().report.outcome = Outcome::unchanged;
  run({"resume", "production"});
  EXPECT_EQ(fake().engine, "unix:///var/run/docker.sock");
  surroundings.docker.variables["DOCKER_HOST"] = "tcp://127.0.0.1:2375";
  run({"resume", "production"});
  EXPECT_EQ(fake().engine, "tcp://127.0.0.1:2375");
  run({"resume", "production", "-H", "unix:///run/other.sock"});
  EXPECT_EQ(fake().engine, "unix:///run/other.sock");
}

TEST_F(Options, an_engine_that_we_cannot_speak_to_is_a_usage_error) {
  for (const char* host :
       {"ssh://deploy:secret@example.com", "npipe:////./pipe/docker_engine", "tcp://192.0.2.1:port"}) {
    output.text.clear();
    EXPECT_EQ(run({"status", "--json", "--host", host}), 2) << host;
    EXPECT_EQ(document()["outcome"], "usage") << host;
  }
  EXPECT_TRUE(fake().calls.empty());
}

TEST_F(Options, an_engine_over_plain_tcp_is_spoken_to_and_warned_of) {
  fake().report.outcome = Outcome::unchanged;
  surroundings.docker.variables["DOCKER_HOST"] = "tcp://192.0.2.1:2375";
  EXPECT_EQ(run({"resume", "production"}), 0);
  EXPECT_EQ(fake().engine, "tcp://192.0.2.1:2375");
  EXPECT_NE(error.text.find("warning: tcp://192.0.2.1:2375 (DOCKER_HOST) has no TLS"), std::string::npos)
      << error.text;
}

TEST_F(Options, the_actor_is_handed_on) {
  surroundings.actor = "anna via sudo";
  run({"resume", "production"});
  EXPECT_EQ(fake().actor, "anna via sudo");
}

TEST_F(Options, a_wrong_command_line_is_one_json_document_when_json_is_asked_for) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--json"},
                                                {"frobnicate", "--json"},
                                                {"promote", "--json"},
                                                {"--json", "status", "--x"},
                                                {"logs", "production", "--tail", "x", "--json"},
                                                {"rollback", "production", "--to", "--json"}}) {
    output.text.clear();
    EXPECT_EQ(run(words), 2);
    EXPECT_EQ(document()["success"], false);
    EXPECT_EQ(document()["outcome"], "usage");
    EXPECT_FALSE(document()["error"].get<std::string>().empty());
    EXPECT_EQ(document()["problems"], json::array());
  }
  EXPECT_EQ(error.text, "");
}

TEST_F(Options, the_outcome_is_coloured_only_on_a_terminal_that_wants_colours) {
  const std::string plain = "usage     no command was given; 'halcyon help' lists all commands\n";
  const std::string coloured =
      "\x1b[31musage\x1b[0m     no command was given; 'halcyon help' lists all commands\n";
  const auto printed = [&](const std::vector<std::string>& words) {
    error.text.clear();
    run(words);
    return error.text;
  };
  EXPECT_EQ(printed({}), plain);
  surroundings.error_is_terminal = true;
  surroundings.variables["TERM"] = "xterm";
  EXPECT_EQ(printed({}), coloured);
  EXPECT_EQ(printed({"--no-color"}), plain);
  surroundings.variables["TERM"] = "dumb";
  EXPECT_EQ(printed({}), plain);
  surroundings.variables["TERM"] = "xterm";
  surroundings.variables["NO_COLOR"] = "1";
  EXPECT_EQ(printed({}), plain);
}

TEST_F(Options, text_of_others_cannot_reach_the_terminal_with_control_characters) {
  fake().error =
      std::make_exception_ptr(orchestrator::Error(Outcome::unreachable, "the engine says \x1b[2Jhello\x07"));
  EXPECT_EQ(run({"releases", "production"}), 4);
  EXPECT_EQ(error.text, "unreachable  the engine says hello^G\n");
}

TEST_F(Options, a_result_that_cannot_be_written_is_a_failure_of_what_only_looks) {
  output.failed = "No space left on device";
  EXPECT_EQ(run({"version"}), 1);
  EXPECT_EQ(error.text,
            "halcyon: the result could not be written to standard output: No space left on device\n");
}

TEST_F(Options, a_result_that_cannot_be_written_does_not_change_what_a_promotion_did) {
  output.failed = "No space left on device";
  fake().report.outcome = Outcome::deployed;
  EXPECT_EQ(run({"promote", "production", "x"}), 0);
  fake().report.outcome = Outcome::rolled_back;
  EXPECT_EQ(run({"promote", "production", "x"}), 6);
}

TEST_F(Options, an_error_of_the_engine_keeps_its_outcome_where_nothing_is_changed) {
  using docker_api::ErrorKind;
  for (const auto& [kind, code] : {std::pair{ErrorKind::unreachable, 4},
                                   {ErrorKind::timeout, 4},
                                   {ErrorKind::protocol, 1},
                                   {ErrorKind::invalid_argument, 2}}) {
    fake().error = std::make_exception_ptr(docker_api::Error({.kind = kind, .endpoint = "GET /x"}));
    EXPECT_EQ(run({"status", "production"}), code) << docker_api::to_string(kind);
  }
}

TEST_F(Options, an_exception_in_the_middle_of_a_change_needs_the_operator_and_names_the_next_command) {
  fake().error = std::make_exception_ptr(std::runtime_error("vector::_M_range_check"));
  EXPECT_EQ(run({"promote", "production", "x"}), 3);
  EXPECT_EQ(
      error.text,
      "needs_operator  vector::_M_range_check; 'halcyon status production' shows where things are, 'halcyon "
      "resume production' finishes or undoes what was begun\n");
}

TEST_F(Options, an_error_with_an_outcome_in_the_middle_of_a_change_keeps_it) {
  fake().error = std::make_exception_ptr(orchestrator::Error(Outcome::busy, "bob changes it since 10:00"));
  EXPECT_EQ(run({"promote", "production", "x", "--json"}), 5);
  EXPECT_EQ(document()["error"], "bob changes it since 10:00");
}

}  // namespace
}  // namespace halcyon::cli::test
