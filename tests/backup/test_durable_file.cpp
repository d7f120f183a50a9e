#include "backup/durable_file.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>

#include "backup/error.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::backup {
namespace {

using halcyon::testing::read_text;
using halcyon::testing::TemporaryDirectory;
using halcyon::testing::write_text;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

/// A file system of 64 KiB that is really full when it is full.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=64k") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const noexcept { return mounted_; }
  std::string operator/(const std::string& name) const { return directory_ / name; }
  const TemporaryDirectory& directory() const noexcept { return directory_; }

 private:
  TemporaryDirectory directory_;
  bool mounted_;
};

TEST(DurableFile, replace_gives_new_content_and_exactly_the_mode_whatever_the_umask_is) {
  const TemporaryDirectory directory;
  const mode_t umask_before = ::umask(0077);
  replace_file(directory / "a", "one", 0644);
  replace_file(directory / "a", "two", 0644);
  ::umask(umask_before);
  EXPECT_EQ(read_text(directory / "a"), "two");
  EXPECT_EQ(mode_of(directory / "a"), 0644U);
  EXPECT_EQ(directory.names().size(), 1U) << "a temporary file was left";
}

TEST(DurableFile, replace_on_a_full_disk_keeps_the_old_content_and_leaves_no_temporary_file) {
  const SmallDisk disk;
  ASSERT_TRUE(disk.mounted()) << "this test needs root";
  replace_file(disk / "state", "old", 0600);
  try {
    replace_file(disk / "state", std::string(128 * 1024, 'x'), 0600);
    FAIL() << "128 KiB fit on a disk of 64 KiB";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_space);
  }
  EXPECT_EQ(read_text(disk / "state"), "old");
  EXPECT_EQ(disk.directory().names().size(), 1U);
}

TEST(DurableFile, create_refuses_a_name_that_exists_and_does_not_touch_it) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(create_file(directory / "flag", "first", 0644));
  EXPECT_FALSE(create_file(directory / "flag", "second", 0644));
  EXPECT_EQ(read_text(directory / "flag"), "first");
  EXPECT_EQ(directory.names().size(), 1U);
}

TEST(DurableFile, remove_says_whether_there_was_anything) {
  const TemporaryDirectory directory;
  write_text(directory / "a", "x");
  EXPECT_TRUE(remove_file(directory / "a"));
  EXPECT_FALSE(remove_file(directory / "a"));
}

TEST(DurableFile, replace_link_replaces_links_but_never_a_file) {
  const TemporaryDirectory directory;
  replace_link(directory / "link", "/one");
  replace_link(directory / "link", "/two");
  EXPECT_EQ(std::filesystem::read_symlink(directory / "link"), "/two");
  write_text(directory / "file", "somebody's");
  EXPECT_THROW(replace_link(directory / "file", "/three"), Error);
  EXPECT_EQ(read_text(directory / "file"), "somebody's");
}

TEST(DurableFile, a_directory_that_is_a_link_is_refused) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory_symlink("/etc", directory / "state");
  EXPECT_THROW(ensure_directory(directory / "state", 0700), Error);
}

TEST(DurableFile, ensure_directory_sets_the_mode_of_an_existing_one) {
  const TemporaryDirectory directory;
  ensure_directory(directory / "a", 0700);
  ensure_directory(directory / "a", 0711);
  EXPECT_EQ(mode_of(directory / "a"), 0711U);
}

TEST(DurableFile, a_directory_of_another_user_is_refused) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "a");
  ASSERT_EQ(::chown((directory / "a").c_str(), 4711, 4711), 0) << "this test needs root";
  EXPECT_THROW(ensure_directory(directory / "a", 0700), Error);
}

TEST(DurableFile, reading_what_is_not_there_is_not_an_error) {
  const TemporaryDirectory directory;
  EXPECT_EQ(read_file(directory / "absent"), std::nullopt);
  write_text(directory / "long", std::string(100, 'x'));
  EXPECT_THROW(read_file(directory / "long", 99), Error);
  EXPECT_EQ(read_file(directory / "long", 100)->size(), 100U);
}

TEST(DurableFile, stale_temporaries_of_a_killed_process_are_removed_and_nothing_else) {
  const TemporaryDirectory directory;
  write_text(directory / ".journal.halcyon-tmp.1.1", "torn");
  write_text(directory / "journal", "good");
  write_text(directory / ".hidden", "somebody's");
  remove_stale_temporaries(directory.path());
  auto names = directory.names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{".hidden", "journal"}));
}

TEST(DurableFile, of_one_file_alone_the_stale_temporaries_can_be_removed_where_others_work_too) {
  const TemporaryDirectory directory;
  write_text(directory / ".shop.conf.halcyon-tmp.1.1", "torn");
  write_text(directory / ".shop.conf.bak.halcyon-tmp.1.1", "another's");
  write_text(directory / ".blog.conf.halcyon-tmp.1.1", "another's, and just being written");
  remove_stale_temporaries(directory.path(), "shop.conf");
  auto names = directory.names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names,
            (std::vector<std::string>{".blog.conf.halcyon-tmp.1.1", ".shop.conf.bak.halcyon-tmp.1.1"}));
}

TEST(AppendFile, opening_cuts_off_what_is_behind_the_valid_part) {
  const TemporaryDirectory directory;
  write_text(directory / "log", "good|torn");
  AppendFile file(directory / "log", 5, 0600);
  file.append("next|");
  file.sync();
  EXPECT_EQ(read_text(directory / "log"), "good|next|");
}

TEST(AppendFile, an_append_that_does_not_fit_leaves_no_part_of_itself) {
  const SmallDisk disk;
  ASSERT_TRUE(disk.mounted()) << "this test needs root";
  AppendFile file(disk / "log", 0, 0600);
  file.append("one\n");
  EXPECT_THROW(file.append(std::string(128 * 1024, 'x')), Error);
  file.append("two\n");
  file.sync();
  EXPECT_EQ(read_text(disk / "log"), "one\ntwo\n");
}

TEST(AppendFile, reserved_room_is_there_when_the_disk_is_full) {
  const SmallDisk disk;
  ASSERT_TRUE(disk.mounted()) << "this test needs root";
  AppendFile file(disk / "log", 0, 0600);
  file.reserve(8 * 1024);
  AppendFile filler(disk / "filler", 0, 0600);
  EXPECT_THROW(for (int piece = 0; piece < 100; ++piece) filler.append(std::string(4096, 'x')), Error);
  EXPECT_NO_THROW(file.append(std::string(8 * 1024, 'c')));
}

TEST(AppendFile, reserving_more_than_there_is_fails_before_anything_is_written) {
  const SmallDisk disk;
  ASSERT_TRUE(disk.mounted()) << "this test needs root";
  AppendFile file(disk / "log", 0, 0600);
  try {
    file.reserve(1024 * 1024);
    FAIL() << "1 MiB was reserved on a disk of 64 KiB";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_space);
  }
  EXPECT_EQ(read_text(disk / "log"), "");
}

TEST(AppendFile, what_a_failed_fsync_has_left_in_the_cache_does_not_count) {
  const TemporaryDirectory directory;
  const test_support::FailingDisk disk(directory / "image", directory / "disk");
  if (!disk.is_up()) GTEST_SKIP() << "no loop device can be set up on this machine";
  const std::string path = directory / "disk/log";
  const std::string saved(4096, 's');
  const std::string lost(4096, 'l');
  {
    AppendFile file(path, 0, 0600);
    file.append(saved);
    file.sync();
    file.append(lost);
    disk.fail();
    for (int attempt = 0; attempt < 2; ++attempt) {
      try {
        file.sync();
        FAIL() << "it is not on the disk";
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_synced);
      }
    }
    EXPECT_THROW(file.append("more"), Error);
  }
  disk.be_well();
  EXPECT_EQ(read_file(path), saved + lost) << "the cache tells of what the disk has not";
  const auto on_disk = read_file_from_disk(path);
  ASSERT_TRUE(on_disk);
  EXPECT_TRUE(on_disk->starts_with(saved));
  EXPECT_EQ(on_disk->find('l'), std::string::npos);
  EXPECT_EQ(read_file_from_disk(directory / "absent"), std::nullopt);
}

}  // namespace
}  // namespace halcyon::backup
