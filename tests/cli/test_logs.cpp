#include <sstream>

#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using docker_api::LogStream;
using nlohmann::json;
using orchestrator::Outcome;
using Logs = CliTest;

TEST_F(Logs, hand_on_what_is_wanted) {
  EXPECT_EQ(run({"logs", "production", "web", "db", "-f", "--tail", "5", "--since", "10m", "--timestamps"}),
            0);
  EXPECT_EQ(fake().log_request.services, (std::vector<std::string>{"web", "db"}));
  EXPECT_TRUE(fake().log_request.follow);
  EXPECT_EQ(fake().log_request.tail, 5);
  EXPECT_EQ(fake().log_request.since, "10m");
  EXPECT_TRUE(fake().log_request.timestamps);
  EXPECT_FALSE(fake().log_request.all_releases);
  EXPECT_EQ(run({"logs", "production", "--all"}), 0);
  EXPECT_TRUE(fake().log_request.all_releases);
}

TEST_F(Logs, begin_with_the_last_100_lines_of_everything_unless_told_otherwise) {
  run({"logs", "production"});
  EXPECT_TRUE(fake().log_request.services.empty());
  EXPECT_FALSE(fake().log_request.follow);
  EXPECT_EQ(fake().log_request.tail, 100);
  run({"logs", "production", "--tail", "all"});
  EXPECT_EQ(fake().log_request.tail, std::nullopt);
  run({"logs", "production", "--since", "10m"});
  EXPECT_EQ(fake().log_request.tail, std::nullopt) << "everything since then";
  run({"logs", "production", "--tail", "0"});
  EXPECT_EQ(fake().log_request.tail, 0);
}

TEST_F(Logs, refuse_a_tail_that_is_no_number) {
  for (const char* tail : {"x", "5x", "1.5", "99999999999999999999"}) {
    error.text.clear();
    EXPECT_EQ(run({"logs", "production", "--tail", tail}), 2);
    EXPECT_EQ(error.text, std::string("usage     --tail ") + tail +
                              ": this is not a number of lines; write --tail 100 or --tail all\n");
  }
  EXPECT_EQ(run({"logs", "production", "--tail=-5"}), 2);
}

TEST_F(Logs, refuse_a_service_that_the_environment_does_not_have) {
  EXPECT_EQ(run({"logs", "production", "wbe"}), 2);
  EXPECT_TRUE(error.text.starts_with("usage     there is no service 'wbe' in production; it has "))
      << error.text;
  EXPECT_NE(error.text.find("web"), std::string::npos);
}

TEST_F(Logs, are_raw_bytes_behind_a_short_name_in_a_pipe) {
  fake().log_lines = {
      {"shop_production_web_green_r4_1", LogStream::stdout_stream, "GET / \x1b[32m200\x1b[0m \xff"},
      {"shop_production_db", LogStream::stderr_stream, "ready\r"}};
  EXPECT_EQ(run({"logs", "production"}), 0);
  EXPECT_EQ(output.text,
            "web_green_r4_1 | GET / \x1b[32m200\x1b[0m \xff\n"
            "db             | ready\r\n");
}

TEST_F(Logs, are_harmless_on_a_terminal) {
  surroundings.output_is_terminal = true;
  surroundings.variables["NO_COLOR"] = "1";
  fake().log_lines = {
      {"shop_production_db", LogStream::stdout_stream, "\x1b]0;title\x07GET / \x1b[32m200\x1b[0m \x9b\r"}};
  EXPECT_EQ(run({"logs", "production"}), 0);
  EXPECT_EQ(output.text, "db | GET / 200 ?\n");
}

TEST_F(Logs, have_a_coloured_name_on_a_terminal) {
  surroundings.output_is_terminal = true;
  fake().log_lines = {{"shop_production_db", LogStream::stdout_stream, "ready"}};
  run({"logs", "production"});
  EXPECT_EQ(output.text, "\x1b[36mdb |\x1b[0m ready\n");
}

TEST_F(Logs, in_json_are_one_object_a_line) {
  fake().log_lines = {{"shop_production_web_green_r4_1", LogStream::stdout_stream, "a \"b\""},
                      {"shop_production_db", LogStream::stderr_stream, "\xff"}};
  EXPECT_EQ(run({"logs", "production", "--json"}), 0);
  std::istringstream lines(output.text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(json::parse(line),
            json::parse(R"({"container": "shop_production_web_green_r4_1", "service": "web",
                                               "stream": "stdout", "line": "a \"b\""})"));
  std::getline(lines, line);
  EXPECT_EQ(json::parse(line),
            json::parse(R"({"container": "shop_production_db", "service": "db", "stream": "stderr",
                                               "line": "\ufffd"})"));
  EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(Logs, that_fail_in_the_middle_keep_what_came_before) {
  fake().log_lines = {{"shop_production_db", LogStream::stdout_stream, "ready"}};
  fake().error = std::make_exception_ptr(orchestrator::Error(Outcome::unreachable, "the engine went away"));
  EXPECT_EQ(run({"logs", "production"}), 4);
  EXPECT_EQ(output.text, "db | ready\n");
  EXPECT_EQ(error.text, "unreachable  the engine went away\n");
}

}  // namespace
}  // namespace halcyon::cli::test
