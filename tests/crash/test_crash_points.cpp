// The program dies at its n-th change, for n = 1, 2, ... until a run needs no crash; each time nothing is
// lost, and `resume` or simply the next command brings all into agreement.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "crash_project.hpp"
#include "tests/crash/control.hpp"

namespace halcyon::crash_tests {
namespace {

using lab_tests::ended;
using lab_tests::Finished;
using lab_tests::json;
using lab_tests::Project;

/// The file with the Control, mapped here.
class SharedControl {
 public:
  explicit SharedControl(std::string path) : path_(std::move(path)) {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (::ftruncate(fd, sizeof(Control)) != 0) throw std::runtime_error("cannot make " + path_);
    control_ =
        static_cast<Control*>(::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    ::close(fd);
  }
  ~SharedControl() { ::munmap(control_, sizeof(Control)); }
  SharedControl(const SharedControl&) = delete;
  SharedControl& operator=(const SharedControl&) = delete;

  Control* operator->() const noexcept { return control_; }
  void aim(std::uint64_t point, CrashMode mode) const {
    control_->pid = 0;
    control_->passed = 0;
    control_->crash_at = point;
    control_->mode = mode;
    control_->place.fill('\0');
  }
  std::map<std::string, std::string> variables() const { return {{k_control_variable, path_}}; }
  /// The engine has done what it was asked, and its answer is lost. With a power cut that is the same as
  /// dying at the next change, which is a point anyway.
  void on_answer(const std::string& effect) const {
    const int pid = control_->pid;
    if (pid == 0 || control_->mode == CrashMode::power_loss || ++control_->passed != control_->crash_at)
      return;
    std::snprintf(control_->place.data(), control_->place.size(), "answer to %s", effect.c_str());
    ::kill(pid, SIGKILL);
  }

 private:
  std::string path_;
  Control* control_ = nullptr;
};

std::string word_of(CrashMode mode) {
  return mode == CrashMode::kill ? "killed" : mode == CrashMode::power_loss ? "power_lost" : "torn_write";
}

class CrashPoints : public testing::TestWithParam<CrashMode> {
 protected:
  CrashPoints() : control_(host_.directory() + "/control") {
    host_.engine().set_effect_hook(
        [this](const docker_api::fake::Effect& effect, docker_api::fake::Moment moment) {
          if (moment == docker_api::fake::Moment::after)
            control_.on_answer(effect.kind + ' ' + effect.subject);
          return docker_api::fake::Verdict::go_on;
        });
  }
  ~CrashPoints() override { host_.engine().set_effect_hook({}); }

  /// Runs the command and lets it die at that point. False: it came to its end before.
  ///
  /// What it has told as committed is committed, whatever was lost.
  bool crashes(const Project& project, const std::vector<std::string>& words, std::uint64_t point) {
    const std::size_t commits = count_commits(project);
    control_.aim(point, GetParam());
    const Finished finished = project.halcyon(words, control_.variables());
    control_->pid = 0;
    const bool has_told = std::any_of(finished.events.begin(), finished.events.end(), [](const json& event) {
      return event.value("event", "") == "committed";
    });
    has_committed_ = count_commits(project) > commits;
    EXPECT_TRUE(has_committed_ || !has_told) << place(point) << ": COMMIT was told and is lost";
    if (finished.signal == SIGKILL) return true;
    EXPECT_EQ(finished.exit_code, 0) << "point " << point << " was not reached, but it failed:\n"
                                     << finished.out << finished.err;
    return false;
  }
  /// Where it crashed, for messages.
  std::string place(std::uint64_t point) const {
    return "point " + std::to_string(point) + ": " + control_->place.data();
  }

  /// Tells how many there were; without any, nothing was tried.
  static void tell(const char* what, std::uint64_t points) {
    EXPECT_GE(points, k_fewest_points) << "does the linker still wrap the calls?";
    std::printf("crash points of %s (%s): %llu\n", what, word_of(GetParam()).c_str(),
                static_cast<unsigned long long>(points));
  }

  void promote_with_crashes();
  void recover_with_crashes(const Project& project, const std::set<std::string>& releases);

  FakeHost host_;
  SharedControl control_;
  bool has_committed_ = false;  ///< the run that crashed last
  std::uint64_t deaths_ = 0;    ///< of recoveries
};

void CrashPoints::promote_with_crashes() {
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  std::string serving = "one";
  std::uint64_t point = 1;
  for (; crashes(*project, {"promote", "production", next_tag(serving)}, point); ++point) {
    SCOPED_TRACE(place(point));
    ASSERT_LT(point, k_too_many);
    ASSERT_TRUE(answers(*project, {serving, next_tag(serving)}));
    if (has_committed_) serving = next_tag(serving);
    if (point % 2 == 0) {
      ASSERT_EQ(project->resume().exit_code, 0);
    } else {
      serving = next_tag(serving);
      ASSERT_TRUE(ended(project->promote(serving), 0, "deployed"));
    }
    ASSERT_TRUE(project->serves(serving));
  }
  tell("a promotion", point - 1);
}

TEST_P(CrashPoints, a_promotion_is_undone_or_finished_from_each) { promote_with_crashes(); }

class TornWrites : public CrashPoints {};
TEST_P(TornWrites, a_promotion_is_undone_or_finished_from_each) { promote_with_crashes(); }

TEST_P(CrashPoints, a_rollback_is_undone_or_finished_from_each) {
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project->promote("two"), 0, "deployed"));
  std::string serving = "two", previous = "one";
  std::uint64_t point = 1;
  for (; crashes(*project, {"rollback", "production"}, point); ++point) {
    SCOPED_TRACE(place(point));
    ASSERT_LT(point, k_too_many);
    ASSERT_TRUE(answers(*project, {serving, previous}));
    if (has_committed_) std::swap(serving, previous);
    ASSERT_EQ(project->resume().exit_code, 0);
    ASSERT_TRUE(project->serves(serving));
  }
  tell("a rollback", point - 1);
}

TEST_P(CrashPoints, a_first_install_is_undone_or_finished_from_each) {
  std::uint64_t point = 1;
  for (bool has_crashed = true; has_crashed; ++point) {
    ASSERT_LT(point, k_too_many);
    const auto project = make_project(host_);
    has_crashed = crashes(*project, {"install", "production", "one"}, point);
    SCOPED_TRACE(place(point));
    if (has_crashed && point % 2 == 0 && project->status().value("installed", false)) {
      ASSERT_EQ(project->resume().exit_code, 0);
      ASSERT_TRUE(has_committed_ ? project->serves("one") : project->is_settled());
    }
    const Finished again = project->install("one");
    ASSERT_EQ(again.exit_code, 0) << again.out << again.err;
    ASSERT_TRUE(project->serves("one"));
  }
  tell("an install", point - 2);
}

/// The recovery dies, too, at its first change, the next one at its second, until one comes through.
void CrashPoints::recover_with_crashes(const Project& project, const std::set<std::string>& releases) {
  const std::string first = control_->place.data();
  for (std::uint64_t second = 1; crashes(project, {"resume", "production"}, second); ++second, ++deaths_) {
    SCOPED_TRACE(first + ", then " + place(second));
    ASSERT_LT(second, k_too_many);
    ASSERT_TRUE(answers(project, releases));
  }
}

TEST_P(CrashPoints, a_recovery_that_dies_is_recovered_from) {
  const std::uint64_t stride = runs_in_full() ? 1 : 9;
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  std::string serving = "one";
  for (std::uint64_t point = 2; crashes(*project, {"promote", "production", next_tag(serving)}, point);
       point += stride) {
    SCOPED_TRACE(place(point));
    if (has_committed_) serving = next_tag(serving);
    ASSERT_NO_FATAL_FAILURE(recover_with_crashes(*project, {"one", "two", "three"}));
    ASSERT_TRUE(project->serves(serving));
  }
  tell("recoveries", deaths_);
}

TEST_P(CrashPoints, a_recovery_of_a_rollback_that_dies_is_recovered_from) {
  const std::uint64_t stride = runs_in_full() ? 1 : 17;
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project->promote("two"), 0, "deployed"));
  std::string serving = "two", previous = "one";
  for (std::uint64_t point = 3; crashes(*project, {"rollback", "production"}, point); point += stride) {
    SCOPED_TRACE(place(point));
    if (has_committed_) std::swap(serving, previous);
    ASSERT_NO_FATAL_FAILURE(recover_with_crashes(*project, {serving, previous}));
    ASSERT_TRUE(project->serves(serving));
  }
  tell("recoveries of a rollback", deaths_);
}

/// What has never served is recovered by installing again; that dies at every third change.
TEST_P(CrashPoints, an_install_over_an_install_that_died_is_recovered_from) {
  const std::uint64_t stride = runs_in_full() ? 1 : 29;
  const std::uint64_t second_stride = runs_in_full() ? 3 : 9;
  bool has_crashed = true;
  for (std::uint64_t point = 4; has_crashed; point += stride) {
    ASSERT_LT(point, k_too_many);
    const auto project = make_project(host_);
    has_crashed = crashes(*project, {"install", "production", "one"}, point);
    const std::string first = place(point);
    for (std::uint64_t second = 1; crashes(*project, {"install", "production", "one"}, second);
         second += second_stride, ++deaths_) {
      SCOPED_TRACE(first + ", then " + place(second));
      ASSERT_LT(second, k_too_many);
    }
    SCOPED_TRACE(first);
    ASSERT_TRUE(project->serves("one"));
  }
  tell("installs over an install that died", deaths_);
}

std::string name_of_mode(const testing::TestParamInfo<CrashMode>& info) { return word_of(info.param); }

INSTANTIATE_TEST_SUITE_P(Modes, CrashPoints, testing::Values(CrashMode::kill, CrashMode::power_loss),
                         name_of_mode);
INSTANTIATE_TEST_SUITE_P(Modes, TornWrites, testing::Values(CrashMode::torn_write), name_of_mode);

}  // namespace
}  // namespace halcyon::crash_tests
