// The same program on Podman: what an operator does in a release's life, once through.
#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Containers = std::vector<std::string>;

Lab lab_with_podman() {
  Lab lab = the_lab();
  lab.docker_host = needed_variable("LAB_PODMAN");
  return lab;
}

TEST(Podman, a_release_is_installed_promoted_aborted_and_rolled_back) {
  release_image("one");
  release_image("two");
  special_image("never-ready", {"READY=never"});
  const Project project({}, lab_with_podman());
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 running"}));

  const auto client = project.client({"one", "two"});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 exited", "web green r2 running"}));

  project.configure({.gate = {{"deadline", quoted("700ms")}}});
  const Finished failed = project.promote("never-ready");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"did not hold", "it answered status 503, wanted 200"}));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 exited", "web green r2 running"}));

  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(lost_nothing(client));
}

// Podman gives every container another hardware address unless told one; the kernel believes the last
// container's for seconds, unless by chance the bridge changes its own.
TEST(Podman, a_slot_is_reached_at_once_however_often_its_container_changes) {
  release_image("one");
  release_image("two");
  const Project project({.gate = {{"deadline", quoted("1s")}}}, lab_with_podman());
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "two"});
  for (int round = 0; round < 4; ++round) {
    EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
    EXPECT_TRUE(project.serves("two"));
    EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
    EXPECT_TRUE(project.serves("one"));
  }
  EXPECT_TRUE(lost_nothing(client));
}

TEST(Podman, an_installation_that_fails_leaves_nothing) {
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  const Project project({}, lab_with_podman());
  const Finished failed = project.install("exits-at-once");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"exit code 7"}));
  EXPECT_EQ(project.containers(), Containers{});
  EXPECT_TRUE(project.is_settled());
}

// Podman starts it again at once, and a container that runs does not tell what it exited with before: mostly
// it is met running, sometimes between two lives.
TEST(Podman, a_release_that_crashes_and_is_started_again_is_reported_with_its_exit_code) {
  special_image("crashes", {"READY=never", "EXIT=after:300", "EXIT_CODE=9"});
  const Project project({}, lab_with_podman());
  const Finished failed = project.install("crashes");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"did not hold", "exit code 9", "exiting code=9"}));
}

}  // namespace
}  // namespace halcyon::lab_tests
