// The good path: install, promote, roll back, and what each leaves.
#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Containers = std::vector<std::string>;

TEST(Promotion, install_brings_the_first_release_and_promote_the_next_into_the_other_slot) {
  const Project project;
  release_image("one");
  release_image("two");
  const Finished installed = project.install("one");
  EXPECT_TRUE(ended(installed, 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 running"}));

  const auto client = project.client({"one", "two"});
  const Finished promoted = project.promote("two");
  EXPECT_TRUE(ended(promoted, 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 exited", "web green r2 running"}));

  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r3 running", "web green r2 exited"}));
  EXPECT_TRUE(lost_nothing(client));
}

TEST(Promotion, the_document_of_a_promotion_tells_what_was_done) {
  const Project project;
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "two"});
  const json document = project.promote("two").document;
  EXPECT_EQ(document.at("success"), true);
  EXPECT_EQ(document.at("promotion"), "p2");
  EXPECT_EQ(document.at("release"), "r2");
  EXPECT_EQ(document.at("previous_release"), "r1");
  const json& service = document.at("services").at(0);
  EXPECT_EQ(service.at("name"), "web");
  EXPECT_EQ(service.at("slot"), "green");
  EXPECT_EQ(service.at("image"), the_lab().registry + "/app:two");
  EXPECT_EQ(service.at("changed"), true);
  std::string steps;
  for (const json& step : document.at("steps")) {
    steps += step.at("id").get<std::string>() + " ";
    EXPECT_EQ(step.at("result"), "done") << step;
  }
  EXPECT_EQ(steps,
            "preflight resolve pull prepare create start gate declare switch confirm drain retire prune ");
  EXPECT_EQ(document.at("requests").at("counted"), true);
  EXPECT_EQ(document.at("requests").at("failed"), 0);
  EXPECT_GT(document.at("requests").at("total"), 10);
  EXPECT_GT(document.at("until_commit_milliseconds"), 0);
  EXPECT_GE(document.at("milliseconds"), document.at("until_commit_milliseconds"));
  EXPECT_EQ(document.at("urls").at(0),
            "http://" + project.host() + ":" + std::to_string(project.lab().nginx_port) + "/");
  EXPECT_TRUE(lost_nothing(client));
}

TEST(Promotion, status_and_releases_say_what_serves) {
  const Project project;
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  const json status = project.status();
  EXPECT_EQ(status.at("installed"), true);
  EXPECT_EQ(status.at("current_release"), "r2");
  EXPECT_EQ(status.at("previous_release"), "r1");
  const json& web = status.at("services").at(0);
  EXPECT_EQ(web.at("slot"), "green");
  EXPECT_EQ(web.at("state"), "running");
  EXPECT_EQ(web.at("containers").at(0).at("restarts"), 0);
  const json releases = project.halcyon({"releases", "production"}).document.at("releases");
  ASSERT_EQ(releases.size(), 2U);
  EXPECT_EQ(releases.at(0).at("id"), "r2");
  EXPECT_EQ(releases.at(0).at("current"), true);
  EXPECT_EQ(releases.at(0).at("digests").at("web"), web.at("digest"));
  EXPECT_EQ(releases.at(1).at("id"), "r1");
  EXPECT_EQ(releases.at(1).at("previous"), true);
  EXPECT_EQ(releases.at(1).at("images").at("web"), the_lab().registry + "/app:one");
}

TEST(Promotion, the_same_tag_again_changes_nothing) {
  const Project project;
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string before = project.inspect("web blue r1").at("Id");
  EXPECT_TRUE(ended(project.promote("one"), 0, "unchanged"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 running"}));
  EXPECT_EQ(project.inspect("web blue r1").at("Id"), before);
  EXPECT_EQ(project.status().at("current_release"), "r1");
}

TEST(Promotion, a_changed_variable_makes_a_new_container_of_the_same_image) {
  const Project project;
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  project.configure({.more = "[service.web.env]\nGREETING = \"hello\"\n"});
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 exited", "web green r2 running"}));
  EXPECT_NE(project.inspect("web green r2").at("Config").at("Env").dump().find("GREETING=hello"),
            std::string::npos);
  EXPECT_EQ(project.inspect("web blue r1").at("Config").at("Env").dump().find("GREETING"), std::string::npos);
}

TEST(Promotion, rollback_starts_the_kept_container_of_the_previous_release) {
  const Project project;
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string first = project.inspect("web blue r1").at("Id");
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  const auto client = project.client({"one", "two"});
  const Finished back = project.rollback();
  EXPECT_TRUE(ended(back, 0, "deployed"));
  EXPECT_EQ(back.document.at("release"), "r1");
  EXPECT_EQ(back.document.at("previous_release"), "r2");
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.inspect("web blue r1").at("Id"), first);
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_TRUE(lost_nothing(client));
}

TEST(Promotion, rollback_to_a_release_whose_containers_are_gone_makes_them_from_its_record) {
  const Project project({.more = "[service.web.env]\nGREETING = \"of r1\"\n"});
  for (const char* tag : {"one", "two", "three"}) release_image(tag);
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  project.configure({.more = "[service.web.env]\nGREETING = \"of today\"\n"});
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("three"), 0, "deployed"));
  ASSERT_EQ(project.containers(), (Containers{"web blue r3 running", "web green r2 exited"}));
  const auto client = project.client({"one", "three"});
  const Finished back = project.halcyon({"rollback", "production", "--to", "r1"});
  EXPECT_TRUE(ended(back, 0, "deployed"));
  EXPECT_EQ(back.document.at("release"), "r1");
  EXPECT_TRUE(project.serves("one"));
  EXPECT_NE(project.inspect("web green r1").at("Config").at("Env").dump().find("GREETING=of r1"),
            std::string::npos);
  EXPECT_TRUE(lost_nothing(client));
}

TEST(Promotion, a_tag_that_moves_after_the_dry_run_does_not_move_the_promoted_release) {
  const Project project;
  release_image("one");
  ensure_image(the_lab(), "app:moving", {"RELEASE=moving", "STATE=before"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string planned = project.plan("moving").at("services").at(0).at("digest");
  ensure_image(the_lab(), "app:moving", {"RELEASE=moving", "STATE=after"});
  EXPECT_TRUE(ended(project.promote(planned), 0, "deployed"));
  const json record = json::parse(read_file(project.state("releases/r2.json"))).at("services").at("web");
  EXPECT_EQ(record.at("digest"), planned);
  const json container = project.inspect("web green r2");
  EXPECT_EQ(container.at("Image"), record.at("image_id"));
  EXPECT_NE(container.at("Config").at("Env").dump().find("STATE=before"), std::string::npos);

  EXPECT_TRUE(ended(project.promote("moving"), 0, "deployed"));
  const json moved = json::parse(read_file(project.state("releases/r3.json"))).at("services").at("web");
  EXPECT_NE(moved.at("digest"), planned);
  EXPECT_EQ(project.inspect("web blue r3").at("Image"), moved.at("image_id"));
}

TEST(Promotion, an_image_that_no_registry_has_is_used_with_pull_never) {
  const std::string repository = "halcyon.test/local";
  const Project project({.web = {{"image", quoted(repository)}, {"pull", quoted("never")}}});
  for (const char* tag : {"one", "two"}) {
    const std::string reference = release_image(tag);
    // The engine has it as soon as it was built; a digest of our registry does not belong to this name.
    project.engine().post("/images/" + reference + "/tag?repo=" + repository + "&tag=" + tag);
  }
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  const Finished refused = project.promote("three");
  EXPECT_TRUE(ended(refused, 1, "aborted"));
  EXPECT_TRUE(
      says(refused, {"cannot promote web", "the engine has no image", "pull = \"never\"", "docker load"}));
  EXPECT_TRUE(project.serves("two"));
  for (const char* tag : {"one", "two"}) project.engine().remove("/images/" + repository + ":" + tag);
}

TEST(Promotion, the_dry_run_says_what_would_be_done_and_does_nothing) {
  const Project project;
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string journal = read_file(project.state("journal"));
  const auto files = project.files_of_state();
  const json plan = project.plan("two");
  EXPECT_EQ(plan.at("release"), "r2");
  EXPECT_EQ(plan.at("from_release"), "r1");
  EXPECT_EQ(plan.at("reloads_nginx"), false);
  EXPECT_EQ(plan.at("services").at(0).at("from_slot"), "blue");
  EXPECT_EQ(plan.at("services").at(0).at("to_slot"), "green");
  EXPECT_EQ(plan.at("services").at(0).at("containers").at(0), project.app() + "_production_web_green_r2_1");
  EXPECT_EQ(read_file(project.state("journal")), journal);
  EXPECT_EQ(project.files_of_state(), files);
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 running"}));
}

TEST(Promotion, nothing_can_be_promoted_before_install_and_nothing_rolled_back_after_it) {
  const Project project;
  release_image("one");
  const Finished early = project.promote("one");
  EXPECT_TRUE(ended(early, 2, "usage"));
  EXPECT_TRUE(says(early, {"is not installed on this host", "halcyon install production TAG"}));
  EXPECT_FALSE(std::filesystem::exists(project.state()));
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const Finished back = project.rollback();
  EXPECT_TRUE(ended(back, 2, "usage"));
  EXPECT_TRUE(says(back, {"cannot roll back", "no previous release"}));
  EXPECT_TRUE(project.serves("one"));
}

}  // namespace
}  // namespace halcyon::lab_tests
