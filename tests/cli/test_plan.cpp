#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using nlohmann::json;
using orchestrator::Outcome;
using orchestrator::Plan;

Plan sample_plan() {
  Plan plan;
  plan.release = "r5";
  plan.from_release = "r4";
  plan.services = {{.name = "web",
                    .image = "127.0.0.1:5000/shop/web:sha-2",
                    .digest = "sha256:aa",
                    .from_slot = "green",
                    .to_slot = "blue",
                    .changed = true,
                    .containers = {"shop_production_web_blue_r5_1"},
                    .addresses = {"10.201.7.16"}},
                   {.name = "api",
                    .image = "127.0.0.1:5000/shop/api:sha-1",
                    .digest = "sha256:bb",
                    .from_slot = "blue",
                    .to_slot = "blue",
                    .pulled = true}};
  plan.steps = {"preflight", "resolve", "pull"};
  return plan;
}

using DryRun = CliTest;

TEST_F(DryRun, of_a_promotion_prints_the_plan_word_for_word_and_promotes_nothing) {
  fake().plan = sample_plan();
  EXPECT_EQ(run({"promote", "production", "web=sha-2", "--dry-run"}), 0);
  EXPECT_EQ(output.text,
            "would bring r5 into service in production (now r4)\n"
            "  web green -> blue  127.0.0.1:5000/shop/web:sha-2  sha256:aa, to be pulled\n"
            "    creates shop_production_web_blue_r5_1 at 10.201.7.16\n"
            "  api stays as it is\n"
            "  nginx would not be reloaded\n"
            "  steps: preflight, resolve, pull\n"
            "nothing was changed\n");
  EXPECT_EQ(fake().calls, std::vector<std::string>{"plan_promotion production"});
  EXPECT_EQ(fake().promote_request.images.at("web"), "sha-2");
}

TEST_F(DryRun, of_a_rollback_tells_containers_that_were_kept) {
  fake().plan = sample_plan();
  fake().plan.services[0].kept = fake().plan.services[0].containers;
  EXPECT_EQ(run({"rollback", "production", "--dry-run"}), 0);
  EXPECT_NE(output.text.find("    starts again shop_production_web_blue_r5_1 at 10.201.7.16\n"),
            std::string::npos)
      << output.text;
}

TEST_F(DryRun, of_an_install_prints_what_it_would_create_and_installs_nothing) {
  fake().plan = sample_plan();
  fake().plan.release = "r1";
  fake().plan.from_release.clear();
  fake().plan.services.resize(1);
  fake().plan.services[0].from_slot.clear();
  fake().plan.reloads_nginx = true;
  fake().plan.creates = {"network shop_production (10.201.7.0/24)",
                         "accessory shop_production_db from postgres:16"};
  EXPECT_EQ(run({"install", "production", "sha-1", "--dry-run"}), 0);
  EXPECT_EQ(output.text,
            "would bring r1 into service as the first release of production\n"
            "  creates network shop_production (10.201.7.0/24)\n"
            "  creates accessory shop_production_db from postgres:16\n"
            "  web blue  127.0.0.1:5000/shop/web:sha-2  sha256:aa, to be pulled\n"
            "    creates shop_production_web_blue_r5_1 at 10.201.7.16\n"
            "  nginx would be reloaded\n"
            "  steps: preflight, resolve, pull\n"
            "nothing was changed\n");
  EXPECT_EQ(fake().calls, std::vector<std::string>{"plan_install production"});
  EXPECT_EQ(fake().promote_request.images.at(""), "sha-1");
}

TEST_F(DryRun, of_an_install_without_images_says_that_there_is_no_release) {
  fake().plan.creates = {"network shop_production (10.201.7.0/24)"};
  EXPECT_EQ(run({"install", "production", "--dry-run"}), 0);
  EXPECT_TRUE(output.text.starts_with("would prepare production, without a release\n  creates network "))
      << output.text;
  output.text.clear();
  fake().plan = {};
  fake().plan.outcome = Outcome::unchanged;
  EXPECT_EQ(run({"install", "production", "--dry-run"}), 0);
  EXPECT_EQ(output.text, "production is prepared already; nothing would be done\n");
}

TEST_F(DryRun, of_a_rollback_asks_for_the_plan_of_a_rollback) {
  fake().plan = sample_plan();
  EXPECT_EQ(run({"rollback", "production", "--to", "r2", "--dry-run"}), 0);
  EXPECT_EQ(fake().calls, std::vector<std::string>{"plan_rollback production"});
  EXPECT_EQ(fake().rollback_request.to, "r2");
}

TEST_F(DryRun, of_a_first_release_says_that_it_is_the_first) {
  fake().plan = sample_plan();
  fake().plan.from_release.clear();
  fake().plan.services[0].from_slot.clear();
  fake().plan.reloads_nginx = true;
  run({"promote", "production", "x", "--dry-run"});
  EXPECT_TRUE(
      output.text.starts_with("would bring r5 into service as the first release of production\n  web blue  "))
      << output.text;
  EXPECT_NE(output.text.find("  nginx would be reloaded\n"), std::string::npos);
}

TEST_F(DryRun, of_what_serves_already_says_that_nothing_would_be_done) {
  fake().plan = sample_plan();
  fake().plan.outcome = Outcome::unchanged;
  EXPECT_EQ(run({"promote", "production", "x", "--dry-run"}), 0);
  EXPECT_EQ(output.text, "r4 serves production already; nothing would be done\n");
}

TEST_F(DryRun, of_what_cannot_be_done_says_why_and_exits_with_its_outcome) {
  fake().plan.outcome = Outcome::busy;
  fake().plan.text = "bob promotes since 10:00";
  EXPECT_EQ(run({"promote", "production", "x", "--dry-run"}), 5);
  EXPECT_EQ(error.text, "busy      bob promotes since 10:00\n");
}

TEST_F(DryRun, in_json_is_the_whole_plan) {
  fake().plan = sample_plan();
  EXPECT_EQ(run({"promote", "production", "x", "--dry-run", "--json"}), 0);
  EXPECT_EQ(document(), json::parse(R"({"success": true, "outcome": "deployed", "dry_run": true, "plan": {
    "release": "r5", "from_release": "r4", "reloads_nginx": false, "creates": [],
    "services": [
      {"name": "web", "image": "127.0.0.1:5000/shop/web:sha-2", "digest": "sha256:aa", "from_slot": "green",
       "to_slot": "blue", "changed": true, "pulled": false, "containers": ["shop_production_web_blue_r5_1"], "kept": [],
       "addresses": ["10.201.7.16"]},
      {"name": "api", "image": "127.0.0.1:5000/shop/api:sha-1", "digest": "sha256:bb", "from_slot": "blue",
       "to_slot": "blue", "changed": false, "pulled": true, "containers": [], "kept": [], "addresses": []}],
    "steps": ["preflight", "resolve", "pull"]}, "notes": []})"));
}

}  // namespace
}  // namespace halcyon::cli::test
