#include <gtest/gtest.h>

#include "cli/command_line.hpp"

namespace halcyon::cli {
namespace {

std::string problem_of(const std::vector<std::string>& words) { return parse_command_line(words).problem; }

TEST(CommandLine, every_command_of_the_table_is_found_with_all_its_arguments) {
  for (const Command& command : commands()) {
    std::vector<std::string> words;
    const std::string name(command.name);
    for (std::size_t begin = 0; begin < name.size();) {
      const std::size_t end = std::min(name.find(' ', begin), name.size());
      words.push_back(name.substr(begin, end - begin));
      begin = end + 1;
    }
    for (const Argument& argument : command.arguments) {
      if (argument.is_option()) {
        words.emplace_back(argument.key());
      }
      if (argument.takes_value()) {
        words.push_back("value-of-" +
                        std::string(argument.name.substr(argument.name.find_first_not_of('-'))));
      }
    }
    const CommandLine line = parse_command_line(words);
    EXPECT_EQ(line.problem, "") << name;
    ASSERT_EQ(line.command, &command) << name;
    for (const Argument& argument : command.arguments) {
      EXPECT_TRUE(line.arguments.has(argument.key())) << name << ' ' << argument.name;
    }
  }
}

TEST(CommandLine, promote_takes_an_environment_and_images_and_options_anywhere_between) {
  const CommandLine line =
      parse_command_line({"promote", "production", "web=sha-1", "--dry-run", "sha-2", "--json", "api=sha-3"});
  ASSERT_EQ(line.problem, "");
  EXPECT_EQ(line.command->name, "promote");
  EXPECT_EQ(line.arguments.value("ENV"), "production");
  EXPECT_EQ(line.arguments.values("IMAGE"), (std::vector<std::string>{"web=sha-1", "sha-2", "api=sha-3"}));
  EXPECT_TRUE(line.arguments.has("--dry-run"));
  EXPECT_TRUE(line.options.json);
}

TEST(CommandLine, global_options_are_taken_before_and_after_the_command) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--config", "a.toml", "-H", "unix:///x", "--json", "-q", "--no-color", "-y",
                                 "status"},
        std::vector<std::string>{"status", "--config=a.toml", "--host=unix:///x", "--json", "--quiet",
                                 "--no-color", "--yes"},
        std::vector<std::string>{"-qy", "status", "--json", "--config", "a.toml", "--no-color",
                                 "-Hunix:///x"}}) {
    const CommandLine line = parse_command_line(words);
    EXPECT_EQ(line.problem, "");
    EXPECT_EQ(line.command->name, "status");
    EXPECT_FALSE(line.arguments.has("ENV"));
    EXPECT_EQ(line.options.config, "a.toml");
    EXPECT_EQ(line.options.host, "unix:///x");
    EXPECT_TRUE(line.options.json);
    EXPECT_TRUE(line.options.quiet);
    EXPECT_TRUE(line.options.no_color);
    EXPECT_TRUE(line.options.yes);
  }
}

TEST(CommandLine, the_last_one_of_an_option_given_twice_counts) {
  const CommandLine line =
      parse_command_line({"logs", "production", "--tail", "5", "--json", "--tail", "all", "--json"});
  EXPECT_EQ(line.problem, "");
  EXPECT_EQ(line.arguments.value("--tail"), "all");
}

TEST(CommandLine, a_service_may_be_called_like_a_command) {
  const CommandLine line = parse_command_line({"logs", "install", "status", "config", "-f"});
  ASSERT_EQ(line.problem, "");
  EXPECT_EQ(line.command->name, "logs");
  EXPECT_EQ(line.arguments.value("ENV"), "install");
  EXPECT_EQ(line.arguments.values("SERVICE"), (std::vector<std::string>{"status", "config"}));
  EXPECT_TRUE(line.arguments.has("--follow"));
}

TEST(CommandLine, commands_of_two_words_are_found_and_options_may_stand_between_them) {
  EXPECT_EQ(parse_command_line({"config", "validate"}).command->name, "config validate");
  const CommandLine line = parse_command_line({"config", "--json", "show", "staging"});
  EXPECT_EQ(line.command->name, "config show");
  EXPECT_EQ(line.arguments.value("ENV"), "staging");
}

TEST(CommandLine, an_unknown_command_is_refused_with_the_nearest_one) {
  EXPECT_EQ(problem_of({"promot", "production", "x"}),
            "there is no command 'promot', did you mean 'promote'?; 'halcyon help' lists all commands");
  EXPECT_EQ(problem_of({"relaeses", "production"}),
            "there is no command 'relaeses', did you mean 'releases'?; 'halcyon help' lists all commands");
  EXPECT_EQ(problem_of({"frobnicate"}),
            "there is no command 'frobnicate'; 'halcyon help' lists all commands");
  EXPECT_EQ(problem_of({"config", "valdate"}),
            "there is no command 'config valdate', did you mean 'config validate'?; 'halcyon help' lists all "
            "commands");
}

TEST(CommandLine, a_group_alone_is_no_command) {
  EXPECT_EQ(problem_of({"config"}),
            "config is not a command by itself; write one of: config validate, config show");
}

TEST(CommandLine, an_unknown_option_is_refused_with_the_nearest_one) {
  EXPECT_EQ(
      problem_of({"promote", "production", "x", "--dryrun"}),
      "promote has no option '--dryrun', did you mean '--dry-run'?; 'halcyon promote --help' explains it");
  EXPECT_EQ(problem_of({"status", "--jsn"}),
            "status has no option '--jsn', did you mean '--json'?; 'halcyon status --help' explains it");
  EXPECT_EQ(problem_of({"rollback", "production", "-x"}),
            "rollback has no option '-x'; 'halcyon rollback --help' explains it");
  EXPECT_EQ(problem_of({"status", "--dry-run"}),
            "status has no option '--dry-run'; 'halcyon status --help' explains it")
      << "it is an option, but of other commands";
  EXPECT_EQ(problem_of({"--frob"}), "there is no option '--frob'; 'halcyon help' lists all commands");
}

TEST(CommandLine, missing_arguments_are_named) {
  EXPECT_EQ(problem_of({"promote"}),
            "promote needs ENV; write: halcyon promote ENV [SERVICE=]TAG|DIGEST... [--dry-run]");
  EXPECT_EQ(
      problem_of({"promote", "production"}),
      "promote needs [SERVICE=]TAG|DIGEST; write: halcyon promote ENV [SERVICE=]TAG|DIGEST... [--dry-run]");
  for (const char* name : {"install", "rollback", "releases", "resume", "logs"}) {
    EXPECT_EQ(problem_of({name}).substr(0, std::string(name).size() + 11), std::string(name) + " needs ENV;")
        << name;
  }
  EXPECT_EQ(problem_of({"status", ""}), "");
  EXPECT_EQ(problem_of({"releases", ""}), "releases needs ENV; write: halcyon releases ENV");
}

TEST(CommandLine, words_too_many_are_refused) {
  EXPECT_EQ(problem_of({"releases", "production", "staging"}),
            "releases does not take 'staging'; write: halcyon releases ENV");
  EXPECT_EQ(problem_of({"version", "now"}), "version does not take 'now'; write: halcyon version");
}

TEST(CommandLine, an_option_without_its_value_takes_neither_the_next_option_nor_the_next_word) {
  EXPECT_EQ(problem_of({"rollback", "production", "--to"}),
            "--to needs a value: --to RELEASE|TAG|DIGEST; 'halcyon rollback --help' explains it");
  EXPECT_EQ(problem_of({"rollback", "production", "--to", "--dry-run"}),
            "--to needs a value: --to RELEASE|TAG|DIGEST; 'halcyon rollback --help' explains it");
  EXPECT_EQ(problem_of({"logs", "production", "--tail", "-1"}),
            "--tail needs a value: --tail N|all; -1 is none; 'halcyon logs --help' explains it");
  EXPECT_EQ(problem_of({"--config=", "status"}),
            "--config needs a value: --config FILE; 'halcyon help' lists all commands");
  EXPECT_EQ(problem_of({"status", "--host", ""}),
            "--host needs a value: --host ADDRESS; 'halcyon status --help' explains it");
}

TEST(CommandLine, json_counts_even_when_the_rest_cannot_be_understood) {
  EXPECT_TRUE(parse_command_line({"rollback", "--to", "--json"}).options.json);
  EXPECT_TRUE(parse_command_line({"frobnicate", "--json"}).options.json);
  EXPECT_FALSE(parse_command_line({"frobnicate"}).options.json);
}

TEST(CommandLine, a_flag_with_a_value_is_refused) {
  EXPECT_EQ(problem_of({"promote", "production", "x", "--dry-run=no"}),
            "--dry-run takes no value; 'halcyon promote --help' explains it");
  EXPECT_EQ(problem_of({"status", "--json=false"}),
            "--json takes no value; 'halcyon status --help' explains it");
}

TEST(CommandLine, no_words_at_all_are_no_command_and_no_problem_of_words) {
  const CommandLine line = parse_command_line({});
  EXPECT_EQ(line.command, nullptr);
  EXPECT_EQ(line.problem, "");
}

TEST(CommandLine, asking_for_an_argument_that_the_table_does_not_have_is_a_mistake_in_the_program) {
  const CommandLine line = parse_command_line({"status"});
  EXPECT_THROW((void)line.arguments.has("--dry-run"), std::logic_error);
}

}  // namespace
}  // namespace halcyon::cli
