#include "orchestrator/environment_lock.hpp"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

using halcyon::testing::TemporaryDirectory;

TEST(EnvironmentLock, the_second_one_is_told_who_holds_it_since_when_and_for_what) {
  const TemporaryDirectory directory;
  const EnvironmentLock first(directory / "lock", "promote web=sha-1", "anna");
  try {
    const EnvironmentLock second(directory / "lock", "rollback", "ben");
    FAIL() << "two held the lock";
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::busy);
    const std::string text = error.what();
    EXPECT_NE(text.find("pid " + std::to_string(::getpid()) + " (anna) since 20"), std::string::npos) << text;
    EXPECT_NE(text.find(": promote web=sha-1"), std::string::npos) << text;
  }
}

TEST(EnvironmentLock, holds_although_its_file_was_removed) {
  const TemporaryDirectory directory;
  const EnvironmentLock first(directory / "lock", "promote", "anna");
  ASSERT_EQ(::unlink((directory / "lock").c_str()), 0);
  EXPECT_THROW(EnvironmentLock(directory / "lock", "rollback", "ben"), Error);
  EXPECT_TRUE(find_lock_holder(directory / "lock"));
}

TEST(EnvironmentLock, a_look_at_the_holder_disturbs_nobody) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(find_lock_holder(directory / "lock"));
  {
    const EnvironmentLock held(directory / "lock", "promote", "anna");
    const auto holder = find_lock_holder(directory / "lock");
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->doing, "promote");
  }
  EXPECT_FALSE(find_lock_holder(directory / "lock")) << "the file is still there, but nobody holds it";
}

constexpr std::string_view k_locks =
    "1: POSIX  ADVISORY  WRITE 100 fd:01:7 0 EOF\n"
    "2: FLOCK  ADVISORY  READ 101 fd:01:8 0 EOF\n"
    "3: FLOCK  ADVISORY  WRITE 102 fd:01:9 0 EOF\n"
    "3: -> FLOCK  ADVISORY  WRITE 103 fd:01:10 0 EOF\n"
    "4: FLOCK  ADVISORY  WRITE 104 00:2f:131074 0 EOF\n";

TEST(EnvironmentLock, is_told_apart_from_a_lock_on_the_same_inode_of_another_file_system) {
  EXPECT_TRUE(is_locked(k_locks, 9, {makedev(0xfd, 1)}));
  EXPECT_FALSE(is_locked(k_locks, 9, {makedev(0xfd, 2)}));
  EXPECT_FALSE(is_locked(k_locks, 9, {}));
  EXPECT_TRUE(is_locked(k_locks, 131074, {makedev(8, 1), makedev(0, 0x2f)})) << "one of several devices";
  EXPECT_FALSE(is_locked(k_locks, 31074, {makedev(0, 0x2f)})) << "only the end of an inode's number";
}

TEST(EnvironmentLock, is_neither_a_shared_lock_nor_another_kind_nor_one_who_waits) {
  for (const std::uint64_t inode : {7U, 8U, 10U}) EXPECT_FALSE(is_locked(k_locks, inode, {makedev(0xfd, 1)}));
  EXPECT_FALSE(is_locked("", 7, {makedev(0xfd, 1)}));
  EXPECT_FALSE(is_locked("garbage\n\n1: FLOCK\n", 7, {makedev(0xfd, 1)}));
}

TEST(EnvironmentLock, is_listed_under_the_device_of_its_mount) {
  constexpr std::string_view k_mounts =
      "21 1 253:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
      "121 21 0:47 /subvolume /var/lib rw shared:1 - btrfs /dev/vdb rw\n"
      "2 1 x:y / /bad rw - none none rw\n";
  EXPECT_EQ(find_mount_device(k_mounts, 121), makedev(0, 47));
  EXPECT_EQ(find_mount_device(k_mounts, 21), makedev(253, 1));
  EXPECT_EQ(find_mount_device(k_mounts, 12), std::nullopt);
  EXPECT_EQ(find_mount_device(k_mounts, 2), std::nullopt);
  EXPECT_EQ(find_mount_device("", 1), std::nullopt);
}

TEST(EnvironmentLock, is_gone_with_its_process_however_that_ends) {
  const TemporaryDirectory directory;
  const std::string path = directory / "lock";
  const pid_t child = ::fork();
  if (child == 0) {
    const EnvironmentLock held(path, "promote", "child");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_NO_THROW(EnvironmentLock(path, "resume", "parent"));
}

TEST(EnvironmentLock, text_with_line_breaks_cannot_garble_the_file) {
  const TemporaryDirectory directory;
  const EnvironmentLock held(directory / "lock", "promote\nfake", "anna\nroot");
  const auto holder = find_lock_holder(directory / "lock");
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->actor, "anna root");
  EXPECT_EQ(holder->doing, "promote fake");
}

}  // namespace
}  // namespace halcyon::orchestrator
