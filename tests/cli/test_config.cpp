#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using ConfigValidate = CliTest;
using ConfigShow = CliTest;

constexpr std::string_view k_broken =
    "[app]\nname = \"shop\"\n[service.web]\nimage = \"shop/web\"\nport = 70000\n"
    "routes = [\"/\"]\n[service.web.gate]\npath = \"/\"\n"
    "[environment.production]\ndomain = \"shop.example.com\"\n";

TEST_F(ConfigValidate, says_what_a_valid_file_holds) {
  EXPECT_EQ(run({"config", "validate"}), 0);
  EXPECT_EQ(output.text,
            "halcyon.toml is valid: 1 application, 2 environments (production, staging), 3 services\n");
  EXPECT_EQ(error.text, "");
}

TEST_F(ConfigValidate, in_json_names_what_a_valid_file_holds) {
  EXPECT_EQ(run({"--json", "config", "validate"}), 0);
  EXPECT_EQ(document(), json::parse(R"({"success": true, "outcome": "unchanged", "file": "halcyon.toml",
    "application": "shop", "environments": ["production", "staging"], "services": ["api", "db", "web"],
    "problems": []})"));
}

TEST_F(ConfigValidate, fails_its_check_on_a_broken_file) {
  write_file("halcyon.toml", k_broken);
  EXPECT_EQ(run({"config", "validate"}), 7);
  EXPECT_TRUE(error.text.starts_with(
      "check_failed  halcyon.toml has 1 problem\nhalcyon.toml:5: service.web.port = 70000"))
      << error.text;
}

TEST_F(ConfigValidate, in_json_gives_every_part_of_a_problem) {
  write_file("halcyon.toml", k_broken);
  EXPECT_EQ(run({"config", "validate", "--json"}), 7);
  const json result = document();
  EXPECT_EQ(result["success"], false);
  EXPECT_EQ(result["outcome"], "check_failed");
  ASSERT_EQ(result["problems"].size(), 1U);
  const json& problem = result["problems"][0];
  EXPECT_EQ(problem["file"], "halcyon.toml");
  EXPECT_EQ(problem["line"], 5);
  EXPECT_EQ(problem["key"], "service.web.port");
  EXPECT_EQ(problem["value"], "70000");
  EXPECT_FALSE(problem["rule"].get<std::string>().empty());
  EXPECT_FALSE(problem["remedy"].get<std::string>().empty());
  EXPECT_EQ(error.text, "");
}

/// k_valid_toml with an env file for the web service of one environment.
std::string with_env_file(const std::string& environment) {
  return std::string(k_valid_toml) + "[environment." + environment +
         ".service.web]\nenv_file = \"absent.env\"\n";
}

TEST_F(ConfigValidate, finds_env_files_that_are_missing) {
  write_file("halcyon.toml", with_env_file("staging"));
  EXPECT_EQ(run({"config", "validate"}), 7);
  EXPECT_NE(error.text.find("absent.env does not exist; create the file, or correct its path"),
            std::string::npos)
      << error.text;
}

using MissingEnvFile = CliTest;

TEST_F(MissingEnvFile, stops_what_would_need_it_before_anything_is_done) {
  write_file("halcyon.toml", with_env_file("production"));
  for (const char* verb : {"install", "promote"}) {
    EXPECT_EQ(run({verb, "production", "x", "--json"}), 2) << verb;
    EXPECT_EQ(document()["problems"].size(), 1U);
    output.text.clear();
  }
  EXPECT_EQ(fake().calls, std::vector<std::string>());
}

TEST_F(MissingEnvFile, does_not_stop_other_environments_or_the_way_back) {
  write_file("halcyon.toml", with_env_file("production"));
  fake().report.outcome = orchestrator::Outcome::deployed;
  EXPECT_EQ(run({"promote", "staging", "x"}), 0) << error.text;
  EXPECT_EQ(run({"rollback", "production"}), 0) << error.text;
  EXPECT_EQ(run({"resume", "production"}), 0) << error.text;
  EXPECT_EQ(run({"config", "show", "production"}), 0) << error.text;
}

TEST_F(ConfigShow, prints_one_environment_with_its_defaults) {
  EXPECT_EQ(run({"config", "show", "staging"}), 0);
  EXPECT_NE(output.text.find("staging.shop.example.com"), std::string::npos) << output.text;
  EXPECT_NE(output.text.find("keep_releases"), std::string::npos) << output.text;
}

TEST_F(ConfigShow, in_json_has_the_environments_by_name) {
  EXPECT_EQ(run({"config", "show", "--json"}), 0);
  const json result = document();
  EXPECT_EQ(result["success"], true);
  ASSERT_EQ(result["environments"].size(), 2U);
  EXPECT_EQ(result["environments"]["production"]["domain"], json::array({"shop.example.com"}));
  output.text.clear();
  EXPECT_EQ(run({"config", "show", "staging", "--json"}), 0);
  EXPECT_EQ(document()["environments"].size(), 1U);
}

TEST_F(ConfigShow, refuses_a_broken_file) {
  write_file("halcyon.toml", k_broken);
  EXPECT_EQ(run({"config", "show", "--json"}), 2);
  EXPECT_EQ(document()["outcome"], "usage");
  EXPECT_EQ(document()["problems"].size(), 1U);
}

}  // namespace
}  // namespace halcyon::cli::test
