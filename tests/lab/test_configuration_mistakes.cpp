// Mistakes in halcyon.toml: all told at once, and nothing touched.
#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

std::string problems_of(const Finished& finished) {
  return finished.document.value("problems", json::array()).dump();
}

TEST(ConfigurationMistakes, are_all_reported_together_and_nothing_is_touched) {
  const Project project;
  write_file(project.file(),
             "[app]\nname = \"../../etc\"\nstate_dir = " + quoted(project.directory() + "/state") +
                 "\nno_such_key = 1\n\n"
                 "[service.web]\nimage = \"registry.test/shop/web\"\nport = 70000\nroutes = [\"/\"]\n"
                 "[service.web.gate]\npath = \"/readyz\"\n\n"
                 "[service.api]\nimage = \"registry.test/shop/api\"\nport = 8000\nroutes = [\"/\"]\n"
                 "[service.api.gate]\npath = \"/readyz\"\n\n"
                 "[service.Bad_Name]\nimage = \"registry.test/shop/bad\"\nport = 8000\nroutes = [\"/bad/\"]\n"
                 "[service.Bad_Name.gate]\npath = \"/readyz\"\n\n"
                 "[environment.production]\ndomain = \"shop.test;\\nreturn 200\"\n");
  const std::vector<std::string_view> keys{
      "\"app.name\"",       "app.no_such_key",         "service.web.port", "70000",
      "service.api.routes", "service \\\"web\\\" too", "Bad_Name",         "environment.production.domain"};
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"promote", "production", "one"},
                                             {"install", "production", "one"},
                                             {"rollback", "production"},
                                             {"resume", "production"}}) {
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 2, "usage"));
    for (const std::string_view key : keys) {
      EXPECT_NE(problems_of(refused).find(key), std::string::npos) << key << " in " << problems_of(refused);
    }
    EXPECT_GE(refused.document.at("problems").size(), 6U);
    for (const json& problem : refused.document.at("problems")) {
      EXPECT_GT(problem.at("line"), 0) << problem;
      EXPECT_NE(problem.at("remedy"), "") << problem;
    }
  }
  const Finished checked = project.halcyon({"config", "validate"});
  EXPECT_TRUE(ended(checked, 7, "check_failed"));
  EXPECT_GE(checked.document.at("problems").size(), 6U);
  EXPECT_FALSE(std::filesystem::exists(project.directory() + "/state"));
  EXPECT_TRUE(project.containers().empty());
}

TEST(ConfigurationMistakes, in_the_file_of_a_running_application_do_not_touch_it) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one"});
  const auto files = project.files_of_state();
  const std::string journal = read_file(project.state("journal"));
  project.configure({.environment = {{"domain", "\"shop.test\\n}\""}}});
  const Finished refused = project.promote("two");
  EXPECT_TRUE(ended(refused, 2, "usage"));
  EXPECT_EQ(refused.document.at("problems").size(), 1U);
  project.configure({.more = "[service.web.env]\nA = \"1\"\n[[[\n"});
  EXPECT_TRUE(ended(project.promote("two"), 2, "usage"));
  project.configure({.web = {{"env_file", quoted("absent.env")}}});
  const Finished without_file = project.promote("two");
  EXPECT_TRUE(ended(without_file, 2, "usage"));
  EXPECT_NE(problems_of(without_file).find("absent.env does not exist"), std::string::npos);
  EXPECT_NE(problems_of(without_file).find("service.web.env_file"), std::string::npos);
  EXPECT_EQ(read_file(project.state("journal")), journal) << "it was found before anything was begun";
  project.configure({});
  EXPECT_EQ(project.files_of_state(), files);
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("one"));
}

TEST(ConfigurationMistakes, unknown_environments_services_and_malformed_tags_are_usage_errors) {
  const Project project;
  const Finished environment = project.halcyon({"promote", "producton", "one"});
  EXPECT_TRUE(ended(environment, 2, "usage"));
  EXPECT_TRUE(says(environment, {"producton", "production"}));
  const Finished service = project.halcyon({"install", "production", "wep=one"});
  EXPECT_TRUE(ended(service, 2, "usage"));
  EXPECT_TRUE(says(service, {"wep", "no service of that name"}));
  EXPECT_TRUE(ended(project.halcyon({"install", "production", "web=../one"}), 2, "usage"));
  EXPECT_TRUE(ended(project.halcyon({"promote", "production"}), 2, "usage"));
  EXPECT_FALSE(std::filesystem::exists(project.directory() + "/state"));
}

}  // namespace
}  // namespace halcyon::lab_tests
