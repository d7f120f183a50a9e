#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using Help = CliTest;

TEST_F(Help, of_a_command_shows_its_usage_arguments_and_an_example_word_for_word) {
  EXPECT_EQ(run({"rollback", "-h"}), 0);
  EXPECT_EQ(output.text, R"(halcyon rollback ENV [--to RELEASE|TAG|DIGEST] [--dry-run]

  bring the previous release back, or the one named

  ENV                          an environment of halcyon.toml
      --to RELEASE|TAG|DIGEST  not to the previous release but to this
      --dry-run                print what would be done and change nothing

For every command:
      --config FILE            default: halcyon.toml here, else HALCYON_CONFIG
  -H, --host ADDRESS           engine (unix, tcp, ssh); default: the docker command's
      --json                   one JSON document on stdout, events as JSON lines on stderr
  -q, --quiet                  print only the result, notes and errors
      --no-color               no colours (also NO_COLOR, and when not on a terminal)
  -y, --yes                    answer every question with yes
  -h, --help                   explain the command
      --version                print the version

Example:
  halcyon rollback production --to r12
)");
  EXPECT_EQ(error.text, "");
}

TEST_F(Help, of_the_first_word_of_commands_explains_them_all) {
  EXPECT_EQ(run({"help", "config"}), 0);
  EXPECT_NE(output.text.find("\nhalcyon config show"), std::string::npos) << output.text;
  EXPECT_EQ(output.text.find("halcyon config validate"), 0U) << output.text;
  EXPECT_EQ(run({"help", "conf"}), 2);
  const std::string explained = output.text;
  output.text.clear();
  EXPECT_EQ(run({"config", "--help"}), 0);
  EXPECT_EQ(output.text, explained);
}

TEST_F(Help, of_every_command_shows_its_example_and_touches_nothing) {
  for (const Command& command : commands()) {
    output.text.clear();
    std::vector<std::string> words = {"--help"};
    const std::string name(command.name);
    words.push_back(name.substr(0, name.find(' ')));
    if (name.find(' ') != std::string::npos) {
      words.push_back(name.substr(name.find(' ') + 1));
    }
    EXPECT_EQ(run(words), 0) << name;
    EXPECT_NE(output.text.find("Example:\n  " + std::string(command.example)), std::string::npos) << name;
  }
  EXPECT_TRUE(fake().calls.empty());
}

TEST_F(Help, the_command_help_and_the_option_are_the_same) {
  run({"promote", "--help"});
  const std::string by_option = output.text;
  output.text.clear();
  EXPECT_EQ(run({"help", "promote"}), 0);
  EXPECT_EQ(output.text, by_option);
  output.text.clear();
  EXPECT_EQ(run({"help", "config", "show"}), 0);
  EXPECT_TRUE(output.text.starts_with("halcyon config show [ENV]\n")) << output.text;
}

TEST_F(Help, without_a_command_lists_all_of_them) {
  EXPECT_EQ(run({"help"}), 0);
  for (const Command& command : commands()) {
    EXPECT_NE(output.text.find("\n  " + std::string(command.name) + ' '), std::string::npos) << command.name;
  }
}

TEST_F(Help, tells_the_exit_code_of_every_outcome) {
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_NE(output.text.find("\nExit codes: 0 deployed, unchanged; 1 aborted; 2 usage; 3 needs_operator; "
                             "4 unreachable; 5 busy; 6 rolled_back; 7 check_failed\n"),
            std::string::npos)
      << output.text;
}

TEST_F(Help, of_an_unknown_command_is_a_usage_error) {
  EXPECT_EQ(run({"help", "promot"}), 2);
  EXPECT_EQ(error.text,
            "usage     there is no command 'promot' to explain; 'halcyon help' lists all commands\n");
}

TEST_F(Help, in_json_is_one_document) {
  EXPECT_EQ(run({"help", "--json"}), 0);
  EXPECT_EQ(document()["success"], true);
  EXPECT_EQ(document()["help"], help_text());
}

TEST_F(Help, no_command_at_all_is_a_usage_error) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(output.text, "");
  EXPECT_EQ(error.text, "usage     no command was given; 'halcyon help' lists all commands\n");
}

using Version = CliTest;

TEST_F(Version, is_printed_by_the_command_and_by_the_option) {
  EXPECT_EQ(run({"version"}), 0);
  EXPECT_EQ(output.text, "halcyon 0.1.0\nDocker Engine API 1.40 to 1.55\n");
  output.text.clear();
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(output.text, "halcyon 0.1.0\nDocker Engine API 1.40 to 1.55\n");
}

TEST_F(Version, in_json_names_the_range_of_the_api) {
  EXPECT_EQ(run({"version", "--json"}), 0);
  nlohmann::json expected =
      nlohmann::json::parse(R"({"success": true, "outcome": "unchanged", "version": "0.1.0",
    "docker_engine_api": {"oldest": "1.40", "newest": "1.55"}})");
  expected["compiler"] = __VERSION__;
  EXPECT_EQ(document(), expected);
}

}  // namespace
}  // namespace halcyon::cli::test
