#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Outcome;
using Releases = CliTest;

std::vector<orchestrator::ReleaseSummary> two_releases() {
  return {{"r4",
           "2026-07-30T08:48:00Z",
           "anna via sudo",
           true,
           false,
           {{"api", "shop/api:sha-1"}, {"web", "shop/web:sha-2"}},
           {{"api", "sha256:aa"}, {"web", "sha256:bb"}},
           ""},
          {"r3",
           "2026-07-29T17:00:00Z",
           "ci",
           false,
           true,
           {{"web", "shop/web:sha-1"}},
           {{"web", "sha256:cc"}},
           ""}};
}

TEST_F(Releases, are_listed_newest_first) {
  fake().releases = two_releases();
  EXPECT_EQ(run({"releases", "production"}), 0);
  EXPECT_EQ(output.text,
            "RELEASE            CREATED               BY             IMAGES\n"
            "r4       current   2026-07-30T08:48:00Z  anna via sudo  api shop/api:sha-1, web shop/web:sha-2\n"
            "r3       previous  2026-07-29T17:00:00Z  ci             web shop/web:sha-1\n");
}

TEST_F(Releases, that_are_none_name_the_next_command) {
  EXPECT_EQ(run({"releases", "production"}), 0);
  EXPECT_EQ(output.text,
            "production has no release yet; 'halcyon promote production TAG' brings the first\n");
}

TEST_F(Releases, in_json_have_images_and_digests_by_service) {
  fake().releases = two_releases();
  EXPECT_EQ(run({"releases", "production", "--json"}), 0);
  EXPECT_EQ(document(), json::parse(R"({
    "success": true, "outcome": "unchanged", "app": "shop", "environment": "production", "releases": [
      {"id": "r4", "created_at": "2026-07-30T08:48:00Z", "actor": "anna via sudo", "current": true, "previous": false,
       "images": {"api": "shop/api:sha-1", "web": "shop/web:sha-2"}, "digests": {"api": "sha256:aa", "web": "sha256:bb"},
       "problem": ""},
      {"id": "r3", "created_at": "2026-07-29T17:00:00Z", "actor": "ci", "current": false, "previous": true,
       "images": {"web": "shop/web:sha-1"}, "digests": {"web": "sha256:cc"}, "problem": ""}]})"));
}

TEST_F(Releases, of_a_damaged_journal_need_the_operator) {
  fake().error = std::make_exception_ptr(orchestrator::Error(Outcome::needs_operator, "record 7 is damaged"));
  EXPECT_EQ(run({"releases", "production"}), 3);
  EXPECT_EQ(error.text, "needs_operator  record 7 is damaged\n");
}

}  // namespace
}  // namespace halcyon::cli::test
