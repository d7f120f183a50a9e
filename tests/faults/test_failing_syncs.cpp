// The k-th fsync or fdatasync of a promotion fails: nobody knows then what is on the disk, so the program may
// claim nothing more; and it must not believe a second one.
#include <cerrno>
#include <cstdio>

#include "fault_runs.hpp"

namespace halcyon::fault_tests {
namespace {

using lab_tests::ended;

class FailingSyncs : public testing::Test {
 protected:
  void SetUp() override { runs_.install(); }

  FaultRuns runs_;
};

TEST_F(FailingSyncs, end_in_a_clear_error_and_are_never_believed_in_afterwards) {
  std::uint64_t point = 1, believed = 0;
  for (; runs_.promote_with({Fault::sync_once, EIO, point}); ++point) {
    SCOPED_TRACE("point " + std::to_string(point) + ": " + runs_.place());
    ASSERT_LT(point, crash_tests::k_too_many);
    ASSERT_NO_FATAL_FAILURE(runs_.check_end());
    const std::string again = runs_.control().synced_again.data();
    // Only the mark of the failure itself is brought to a directory that may have failed.
    ASSERT_TRUE(again.empty() || again == runs_.project().state()) << again << " was synced again";
    if (!again.empty()) ++believed;
    ASSERT_NO_FATAL_FAILURE(runs_.recover(point % 2 == 0));
  }
  ASSERT_TRUE(ended(runs_.last(), 0, "deployed")) << "it met no fault";
  EXPECT_GE(point - 1, crash_tests::k_fewest_points) << "does the linker still wrap the calls?";
  std::printf(
      "syncs of a promotion that failed: %llu; after %llu of them the same directory was synced again\n",
      static_cast<unsigned long long>(point - 1), static_cast<unsigned long long>(believed));
}

}  // namespace
}  // namespace halcyon::fault_tests
