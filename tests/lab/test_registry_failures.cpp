// Registries that refuse, hang or die, and disks that are full.
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "harness_fixture.hpp"

namespace halcyon::lab_tests {
namespace {

std::string repository_at(const BadRegistry& registry) {
  return "127.0.0.1:" + std::to_string(registry.port()) + "/app";
}

class RegistryFailure : public OneServes {};

TEST_F(RegistryFailure, that_refuses_is_exit_4_and_names_it) {
  const BadRegistry registry(BadRegistry::Way::refuses);
  project.configure({.web = {{"image", quoted(repository_at(registry))}}});
  const Finished failed = project.promote("two");
  EXPECT_TRUE(ended(failed, 4, "unreachable"));
  EXPECT_TRUE(says(failed, {"cannot find out which image " + repository_at(registry) + ":two is", "refused",
                            "can this host reach the registry"}));
}

TEST_F(RegistryFailure, that_never_answers_is_given_up) {
  const BadRegistry registry(BadRegistry::Way::never_answers);
  project.configure({.web = {{"image", quoted(repository_at(registry))}},
                     .environment = {{"resolve_deadline", quoted("700ms")}}});
  const Finished failed = project.promote("two");
  EXPECT_TRUE(registry.was_met());
  EXPECT_TRUE(ended(failed, 4, "unreachable"));
  EXPECT_TRUE(says(failed, {"cannot find out which image " + repository_at(registry) + ":two is",
                            "Can this host reach the registry"}));
  EXPECT_LT(failed.document.at("milliseconds"), 10'000);
}

TEST_F(RegistryFailure, that_has_had_too_many_requests_is_named_with_its_reason) {
  const BadRegistry registry(BadRegistry::Way::answers_429);
  project.configure({.web = {{"image", quoted(repository_at(registry))}}});
  const Finished failed = project.promote("two");
  EXPECT_TRUE(registry.was_met());
  EXPECT_TRUE(ended(failed, 4, "unreachable"));
  EXPECT_TRUE(says(failed, {"cannot find out which image " + repository_at(registry) + ":two is",
                            "toomanyrequests", "wait"}));
}

/// A file system of a few megabytes; what is in it goes with it.
class SmallDisk {
 public:
  SmallDisk(std::string path, const std::string& size) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    if (::mount("halcyon-test", path_.c_str(), "tmpfs", 0, ("mode=0755,size=" + size).c_str()) != 0) {
      throw std::runtime_error("cannot mount a tmpfs (these tests need root): " + path_);
    }
  }
  ~SmallDisk() {
    if (::umount2(path_.c_str(), 0) != 0) ::umount2(path_.c_str(), MNT_DETACH);
    std::filesystem::remove(path_);
  }
  /// Leaves room for that many bytes.
  void fill_up_to(std::uint64_t bytes_left) const {
    std::filesystem::remove(path_ + "/filler");
    struct statvfs room {};
    ::statvfs(path_.c_str(), &room);
    const std::uint64_t free = room.f_bavail * room.f_frsize;
    write_file(path_ + "/filler", std::string(free > bytes_left ? free - bytes_left : 0, 'x'));
  }
  void clear() const { std::filesystem::remove(path_ + "/filler"); }
  const std::string& path() const noexcept { return path_; }

 private:
  const std::string path_;
};

TEST(FullDisk, of_the_state_directory_aborts_at_whatever_point_it_is_met) {
  const Project project;
  const SmallDisk disk(project.directory() + "/state", "2m");
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  int aborted = 0;
  bool deployed = false;
  // The journal's own room was reserved by the installation; page by page, one more of the other files finds
  // none.
  for (const unsigned kib : {0U, 4U, 8U, 12U, 16U, 20U, 24U, 32U, 64U, 128U}) {
    SCOPED_TRACE(std::to_string(kib) + " KiB were free");
    const auto client = project.client({"one", "two"});
    disk.fill_up_to(std::uint64_t{kib} * 1024);
    const Finished full = project.promote("two");
    disk.clear();
    EXPECT_TRUE(lost_nothing(client));
    if (full.exit_code == 0) {
      deployed = true;
      EXPECT_EQ(project.resume().exit_code, 0);  // what is only a copy of the journal may have found no room
      break;
    }
    ++aborted;
    EXPECT_TRUE(ended(full, 1, "aborted"));
    EXPECT_TRUE(says(full, {"No space left on device", "free space"}));
    EXPECT_TRUE(project.serves("one"));
    EXPECT_EQ(project.containers(), (std::vector<std::string>{"web blue r1 running"}));
    if (HasFailure()) project.resume();  // so that every point is judged by itself
  }
  EXPECT_GE(aborted, 1);
  EXPECT_TRUE(deployed || ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
}

/// An engine on a small disk of its own, that gives a download up at its first failure.
class SmallEngine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    disk_ = std::make_unique<SmallDisk>("/tmp/hd" + std::to_string(::getpid()), "96m");
    small_lab_ = std::make_unique<PrivateLab>(disk_->path() + "/l", "--max-download-attempts=1");
  }
  static void TearDownTestSuite() {
    small_lab_.reset();
    disk_.reset();
  }

  void SetUp() override {
    project = std::make_unique<Project>(Settings{}, **small_lab_);
    release_image("one", **small_lab_);
    ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
    client = project->client({"one"});
  }

  void TearDown() override {
    if (client != nullptr) EXPECT_TRUE(lost_nothing(client));
    disk_->clear();
    if (client != nullptr) EXPECT_TRUE(project->serves("one"));
    project.reset();
  }

  /// The registry has it, the engine has nothing of it.
  std::string big_image(const std::string& tag, std::size_t padding) const {
    const std::string reference = ensure_image(**small_lab_, "app:" + tag, {"RELEASE=" + tag}, padding);
    project->engine().remove("/images/" + reference + "?force=1");
    return tag;
  }

  static std::unique_ptr<SmallDisk> disk_;
  static std::unique_ptr<PrivateLab> small_lab_;
  std::unique_ptr<Project> project;
  std::unique_ptr<SteadyClient> client;
};
std::unique_ptr<SmallDisk> SmallEngine::disk_;
std::unique_ptr<PrivateLab> SmallEngine::small_lab_;

TEST_F(SmallEngine, whose_disk_is_full_cannot_pull_and_says_so) {
  big_image("big", std::size_t{8} << 20U);
  disk_->fill_up_to(std::uint64_t{2} << 20U);
  const Finished full = project->promote("big");
  disk_->clear();
  EXPECT_TRUE(ended(full, 1, "aborted"));
  EXPECT_TRUE(says(full, {"pull", "no space left on device"}));
  EXPECT_TRUE(ended(project->promote("big"), 0, "deployed"));
  EXPECT_TRUE(ended(project->rollback(), 0, "deployed"));
  client = project->client({"one"});
}

TEST_F(SmallEngine, whose_registry_dies_in_the_middle_of_a_pull_keeps_the_old_release) {
  big_image("heavy", std::size_t{4} << 20U);
  const BadRegistry registry(BadRegistry::Way::dies_midway, (**small_lab_).registry_port(),
                             std::uint64_t{1} << 20U);
  project->configure({.web = {{"image", quoted(repository_at(registry))}}});
  const Finished died = project->promote("heavy");
  project->configure({});
  EXPECT_TRUE(registry.was_met());
  EXPECT_TRUE(ended(died, 1, "aborted"));
  EXPECT_TRUE(says(died, {"pull", "127.0.0.1:" + std::to_string(registry.port()), "/app"}));
}

TEST_F(SmallEngine, whose_registry_falls_silent_in_the_middle_of_a_pull_keeps_the_old_release) {
  big_image("silent", std::size_t{4} << 20U);
  const BadRegistry registry(BadRegistry::Way::stalls_midway, (**small_lab_).registry_port(),
                             std::uint64_t{1} << 20U);
  project->configure(
      {.web = {{"image", quoted(repository_at(registry))}}, .environment = {{"pull_idle", quoted("700ms")}}});
  const Finished silent = project->promote("silent");
  project->configure({});
  EXPECT_TRUE(registry.was_met());
  EXPECT_TRUE(ended(silent, 4, "unreachable"));
  EXPECT_TRUE(says(silent, {"700 ms", "while pulling " + repository_at(registry), "for web", "pull_idle"}));
}

TEST_F(SmallEngine, whose_registry_changes_a_bit_refuses_the_image) {
  big_image("flipped", std::size_t{4} << 20U);
  const BadRegistry registry(BadRegistry::Way::flips_a_bit, (**small_lab_).registry_port(),
                             std::uint64_t{3} << 20U);
  project->configure({.web = {{"image", quoted(repository_at(registry))}}});
  const Finished flipped = project->promote("flipped");
  project->configure({});
  EXPECT_TRUE(registry.was_met());
  EXPECT_TRUE(ended(flipped, 1, "aborted"));
  EXPECT_TRUE(says(flipped, {"pull", "/app"}));
}

}  // namespace
}  // namespace halcyon::lab_tests
