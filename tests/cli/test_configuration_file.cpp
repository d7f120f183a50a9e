#include "tests/cli/run_cli.hpp"

#include <filesystem>

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using ConfigurationFile = CliTest;

TEST_F(ConfigurationFile, in_the_current_directory_is_taken_without_being_named) {
  EXPECT_EQ(run({"releases", "production"}), 0);
  EXPECT_EQ(fake().calls, std::vector<std::string>{"list_releases production"});
}

TEST_F(ConfigurationFile, named_by_the_variable_is_taken_where_the_current_directory_has_none) {
  std::filesystem::rename("halcyon.toml", "other.toml");
  surroundings.variables["HALCYON_CONFIG"] = "other.toml";
  EXPECT_EQ(run({"config", "validate"}), 0);
  EXPECT_TRUE(output.text.starts_with("other.toml is valid")) << output.text;
}

TEST_F(ConfigurationFile, in_the_current_directory_goes_before_the_variable_and_the_option_before_both) {
  surroundings.variables["HALCYON_CONFIG"] = "absent.toml";
  EXPECT_EQ(run({"config", "validate"}), 0);
  write_file("third.toml", k_valid_toml);
  output.text.clear();
  EXPECT_EQ(run({"config", "validate", "--config", "third.toml"}), 0);
  EXPECT_TRUE(output.text.starts_with("third.toml is valid")) << output.text;
}

TEST_F(ConfigurationFile, that_is_nowhere_is_a_usage_error_which_says_where_it_was_looked_for) {
  std::filesystem::remove("halcyon.toml");
  EXPECT_EQ(run({"status"}), 2);
  EXPECT_EQ(error.text,
            "usage     there is no halcyon.toml in the current directory and HALCYON_CONFIG is not set; "
            "change to the "
            "directory that has it, or name it with --config FILE\n");
}

TEST_F(ConfigurationFile, that_cannot_be_read_is_a_usage_error_also_for_validate) {
  EXPECT_EQ(run({"config", "validate", "--config", "absent.toml"}), 2);
  EXPECT_NE(error.text.find("absent.toml"), std::string::npos) << error.text;
}

TEST_F(ConfigurationFile, an_environment_that_it_does_not_have_is_named_with_those_it_has) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"promote", "prod", "x"},
                                                {"install", "prod"},
                                                {"rollback", "prod"},
                                                {"status", "prod"},
                                                {"releases", "prod"},
                                                {"resume", "prod"},
                                                {"logs", "prod"},
                                                {"config", "show", "prod"}}) {
    error.text.clear();
    EXPECT_EQ(run(words), 2) << words.front();
    EXPECT_EQ(error.text,
              "usage     there is no environment 'prod' in halcyon.toml; it has production, staging\n");
  }
  EXPECT_EQ(output.text, "");
  EXPECT_TRUE(fake().calls.empty());
}

TEST_F(ConfigurationFile, an_environment_that_it_does_not_have_is_one_json_document) {
  EXPECT_EQ(run({"promote", "prod", "x", "--json"}), 2);
  EXPECT_EQ(document(),
            json::parse(R"({"success": false, "outcome": "usage", "dry_run": false, "promotion": "",
    "release": "", "previous_release": "", "services": [], "steps": [],
    "requests": {"total": 0, "failed": 0, "counted": false}, "until_commit_milliseconds": 0, "milliseconds": 0,
    "notes": [], "urls": [],
    "error": "there is no environment 'prod' in halcyon.toml; it has production, staging", "problems": []})"));
  EXPECT_EQ(error.text, "");
}

TEST_F(ConfigurationFile, all_its_problems_are_listed_one_on_a_line_and_nothing_is_done) {
  write_file("halcyon.toml",
             "[app]\nname = \"shop\"\n[service.web]\nimage = \"shop/web\"\nport = 70000\n"
             "routes = [\"/\"]\nprot = 1\n[service.web.gate]\npath = \"/\"\n"
             "[environment.production]\ndomain = \"shop.example.com\"\n");
  EXPECT_EQ(run({"promote", "production", "x"}), 2);
  EXPECT_TRUE(error.text.starts_with(
      "usage     halcyon.toml has 2 problems, so nothing was done; correct them, then try again\n"))
      << error.text;
  EXPECT_EQ(std::count(error.text.begin(), error.text.end(), '\n'), 3) << error.text;
  EXPECT_NE(error.text.find("\nhalcyon.toml:5: service.web.port = 70000: "), std::string::npos) << error.text;
  EXPECT_NE(error.text.find("\nhalcyon.toml:7: service.web.prot"), std::string::npos) << error.text;
  EXPECT_TRUE(fake().calls.empty());
}

}  // namespace
}  // namespace halcyon::cli::test
