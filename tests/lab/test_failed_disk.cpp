// A disk whose writes fail, and that is put right again.
#include "harness_project.hpp"
#include "tests/support/failing_disk.hpp"

namespace halcyon::lab_tests {
namespace {

TEST(FailedDisk, in_the_middle_stops_changes_until_everything_was_read_back) {
  const Project project;
  const test_support::FailingDisk disk(project.directory() + "/image", project.directory() + "/state");
  if (!disk.is_up()) GTEST_SKIP() << "no loop device can be set up on this machine";
  release_image("one");
  special_image("slow", {"RELEASE=slow", "READY=after:1500"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "slow"});

  const auto promotion = project.begin({"promote", "production", "slow"});
  ASSERT_TRUE(promotion->wait_for_event("step_done", "start"));
  disk.fail();
  const Finished failed = promotion->finish();
  EXPECT_TRUE(ended(failed, 3, "needs_operator"));
  EXPECT_TRUE(says(failed, {"Input/output error", "nobody can say what is on the disk",
                            "stays open in the journal", "Changes stop", "halcyon doctor production --fix"}));
  EXPECT_NE(project.halcyon({"promote", "production", "one"}).exit_code, 0);
  EXPECT_NE(project.halcyon({"doctor", "production", "--fix"}).exit_code, 0);

  disk.be_well();
  for (const char* verb : {"promote", "rollback", "resume"}) {
    std::vector<std::string> words{verb, "production"};
    if (words.front() == "promote") words.emplace_back("one");
    EXPECT_TRUE(ended(project.halcyon(words), 3, "needs_operator")) << "nobody has looked yet";
  }
  const Finished fixed = project.halcyon({"doctor", "production", "--fix"});
  EXPECT_TRUE(ended(fixed, 0, "unchanged")) << fixed.document.dump(2);
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(ended(project.promote("slow"), 0, "deployed"));
  EXPECT_TRUE(project.serves("slow"));
}

}  // namespace
}  // namespace halcyon::lab_tests
