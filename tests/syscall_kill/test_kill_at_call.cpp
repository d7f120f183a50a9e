// The driver itself: where it kills, and whom it counts.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "harness_process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::syscall_kill {
namespace {

using halcyon::testing::read_text;
using lab_tests::Finished;

class KillAtCall : public ::testing::Test {
 protected:
  Finished drive(std::vector<std::string> options, const std::vector<std::string>& program) const {
    options.insert(options.begin(), HALCYON_KILL_AT_CALL);
    options.insert(options.end(),
                   {"--points", directory_ / "points", "--name", "here=" + directory_.path(), "--"});
    options.insert(options.end(), program.begin(), program.end());
    return lab_tests::run({.words = options});
  }
  std::string points() const { return read_text(directory_ / "points"); }

  testing::TemporaryDirectory directory_;
  const std::string file_ = directory_ / "file";
};

TEST_F(KillAtCall, before_a_call_nothing_has_happened_and_after_it_everything_has) {
  testing::write_text(file_, "");
  const std::vector<std::string> remove{"/bin/rm", file_};
  EXPECT_EQ(drive({"--at", "before start: unlinkat here/file #1"}, remove).signal, SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(file_));
  EXPECT_EQ(drive({"--at", "after start: unlinkat here/file #1"}, remove).signal, SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(KillAtCall, a_point_that_is_not_met_leaves_the_run_alone) {
  const Finished finished = drive({"--at", "before start: unlinkat here/other #1"}, {"/bin/rm", file_});
  EXPECT_EQ(finished.exit_code, 1) << "rm says that there is no such file";
  EXPECT_EQ(finished.signal, 0);
}

TEST_F(KillAtCall, only_calls_that_change_something_are_counted_unless_all_are_wanted) {
  testing::write_text(file_, "");
  EXPECT_EQ(drive({}, {"/bin/rm", file_}).exit_code, 0);
  EXPECT_EQ(points(), "start: unlinkat here/file #1\nstart: exit_group #1\n");
  drive({"--every-call"}, {"/bin/rm", file_});
  EXPECT_NE(points().find("start: openat "), std::string::npos) << points();
}

TEST_F(KillAtCall, what_a_child_does_is_not_counted) {
  testing::write_text(file_, "");
  EXPECT_EQ(drive({}, {"/bin/sh", "-c", "/bin/rm " + file_ + "; exit 3"}).exit_code, 3);
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_EQ(points().find("unlinkat"), std::string::npos) << points();
  EXPECT_NE(points().find("child #1"), std::string::npos) << points();
}

TEST_F(KillAtCall, what_a_thread_does_is_counted) {
  EXPECT_EQ(drive({"--at", "before start: openat here/file #1"}, {HALCYON_THREAD_WRITER, file_}).signal,
            SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_EQ(drive({}, {HALCYON_THREAD_WRITER, file_}).exit_code, 0);
  EXPECT_EQ(read_text(file_), "written");
}

}  // namespace
}  // namespace halcyon::syscall_kill
