// The real program, killed at its system calls before the real engine and a real nginx under load; `resume`,
// or simply the next command, brings all into agreement, and the checker finds nothing wrong.
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>

#include "kill_project.hpp"

namespace halcyon::syscall_kill {
namespace {

using lab_tests::ended;
using lab_tests::Finished;
using lab_tests::Project;
using Words = std::vector<std::string>;

/// Fewer would mean that calls are not seen any more.
constexpr std::size_t k_fewest_points = 20;
/// A run is not the same every time; points that are not met are tried in vain.
constexpr std::size_t k_most_missed_percent = 10;

const Words k_resume{"resume", "production"};
const Words k_load{"--keepalive", "8", "--think",   "5-25", "--fresh",  "10", "--post",      "10",
                   "--slow",      "5", "--slow-ms", "50",   "--upload", "2",  "--upload-ms", "100"};

/// A command that is killed, and what is done to an environment at rest so that it can be run.
struct Subject {
  std::string what;
  std::function<void()> prepare;
  std::function<Words()> words;
  bool goes_back = false;  ///< to the previous release, not to a new one
  std::size_t wanted = 0;  ///< moments in each direction, unless it is a full run
};

struct Progress {
  std::size_t points = 0;
  std::size_t moments = 0;
  std::size_t killed = 0;
  std::size_t missed = 0;

  void tell(const std::string& what) const {
    EXPECT_LE(missed * 100, (killed + missed) * k_most_missed_percent)
        << "points have other names in each run";
    std::printf("killed at system calls of %s: %zu of %zu moments (before and after %zu points)%s\n",
                what.c_str(), killed, moments, points,
                missed == 0 ? "" : (", " + std::to_string(missed) + " not met").c_str());
  }
};

class SyscallKill : public ::testing::Test {
 protected:
  static void TearDownTestSuite() { bystander_.reset(); }

  static const Project& bystander() {
    if (!bystander_) {
      bystander_ = std::make_unique<Project>();
      lab_tests::release_image("beside");
      EXPECT_TRUE(ended(bystander_->install("beside"), 0, "deployed"));
    }
    return *bystander_;
  }

  void install() {
    project_.emplace(bystander());
    ASSERT_TRUE(ended(project_->run({"install", "production", "one"}), 0, "deployed"));
    ASSERT_TRUE(ended(project_->run({"promote", "production", "two"}), 0, "deployed"));
  }

  /// Kills the subject everywhere, in both directions of the switch, under load.
  void kill_everywhere(const Subject& subject);
  void kill_once(const Subject& subject, const std::string& moment, Progress& progress);
  /// By resume, or by a promotion, in turn.
  void recover(const std::string& expected, Progress& progress);
  /// A promotion whose death leaves something to resume.
  void interrupt_promotion(const std::string& event);

  std::optional<KillProject> project_;

 private:
  static inline std::unique_ptr<Project> bystander_;
};

void SyscallKill::recover(const std::string& expected, Progress& progress) {
  std::string serving = expected;
  if (++progress.killed % 2 == 0) {
    const Finished resumed = project_->run(k_resume);
    ASSERT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
  } else {
    serving = project_->next_tag();
    const Finished promoted = project_->run({"promote", "production", serving});
    ASSERT_EQ(promoted.exit_code, 0) << promoted.out << promoted.err;
  }
  ASSERT_EQ(project_->serving_tag(), serving);
}

void SyscallKill::kill_once(const Subject& subject, const std::string& moment, Progress& progress) {
  SCOPED_TRACE(moment);
  const std::string serving = project_->serving_tag();
  const std::string target = subject.goes_back ? project_->previous_tag() : project_->next_tag();
  const std::size_t commits = project_->count_commits();
  ASSERT_NO_FATAL_FAILURE(subject.prepare());
  const Finished killed = project_->kill(subject.words(), moment);
  if (killed.signal != SIGKILL) {
    ++progress.missed;
    ASSERT_EQ(killed.exit_code, 0) << killed.out << killed.err;
    return;
  }
  const bool has_committed = project_->count_commits() > commits;
  ASSERT_NO_FATAL_FAILURE(recover(has_committed ? target : serving, progress));
  ASSERT_TRUE(project_->holds_all_invariants());
}

void SyscallKill::kill_everywhere(const Subject& subject) {
  ASSERT_NO_FATAL_FAILURE(install());
  Load load(project_->project(), k_load);
  std::map<bool, Moments> left;  // by whether green serves: the way there has other calls than the way back
  Progress progress;
  for (;;) {
    const bool is_green = project_->serves_from_green();
    const auto [entry, is_new] = left.try_emplace(is_green);
    if (is_new) {
      ASSERT_NO_FATAL_FAILURE(subject.prepare());
      const auto points = project_->list_points(subject.words());
      ASSERT_GE(points.size(), k_fewest_points);
      progress.points += points.size();
      progress.moments += 2 * points.size();
      entry->second = choose(moments_of(points), subject.wanted, left.size() == 2);
      std::reverse(entry->second.begin(), entry->second.end());
      ASSERT_TRUE(project_->holds_all_invariants());
    } else if (!entry->second.empty()) {
      const std::string moment = entry->second.back();
      entry->second.pop_back();
      ASSERT_NO_FATAL_FAILURE(kill_once(subject, moment, progress));
    } else if (left.size() == 2 && left[!is_green].empty()) {
      break;
    } else {
      ASSERT_TRUE(ended(project_->run({"promote", "production", project_->next_tag()}), 0, "deployed"));
    }
  }
  ASSERT_TRUE(project_->holds_all_invariants(load.finish()));
  progress.tell(subject.what);
}

void SyscallKill::interrupt_promotion(const std::string& event) {
  const Finished killed =
      project_->run({"promote", "production", project_->next_tag()}, {{"HALCYON_KILL_AT", event}});
  ASSERT_EQ(killed.signal, SIGKILL) << killed.out << killed.err;
}

TEST_F(SyscallKill, a_promotion_is_undone_or_finished) {
  kill_everywhere({.what = "a promotion",
                   .prepare = [] {},
                   .words =
                       [this] {
                         return Words{"promote", "production", project_->next_tag()};
                       },
                   .wanted = 7});
}

TEST_F(SyscallKill, a_rollback_is_undone_or_finished) {
  kill_everywhere({.what = "a rollback",
                   .prepare = [] {},
                   .words =
                       [] {
                         return Words{"rollback", "production"};
                       },
                   .goes_back = true,
                   .wanted = 4});
}

/// The engine goes on starting what a process that has died since had asked for. A rollback starts a
/// container that is kept, so its undoing leaves that one there; it must not come up beside what comes next,
/// at the same address.
TEST_F(SyscallKill, a_start_that_is_still_under_way_is_seen) {
  ASSERT_NO_FATAL_FAILURE(install());
  Load load(project_->project(), k_load);
  const Words rollback{"rollback", "production"};
  for (int round = 0; round < 2; ++round) {
    const std::string serving = project_->serving_tag();
    const auto points = project_->list_points(rollback);
    const auto start = std::find_if(points.begin(), points.end(), [](const std::string& point) {
      return point.starts_with("began start: sendmsg engine POST");
    });
    ASSERT_NE(start, points.end());
    ASSERT_TRUE(ended(project_->run(rollback), 0, "deployed"));  // list_points() has gone back once, too
    ASSERT_EQ(project_->serving_tag(), serving);
    SCOPED_TRACE(*start);
    ASSERT_EQ(project_->kill(rollback, "after " + *start).signal, SIGKILL);
    const std::string next = project_->next_tag();
    const Finished promoted = project_->run({"promote", "production", next});
    ASSERT_TRUE(ended(promoted, 0, "deployed")) << promoted.out << promoted.err;
    ASSERT_TRUE(project_->holds_all_invariants());
  }
  ASSERT_TRUE(project_->holds_all_invariants(load.finish()));
}

TEST_F(SyscallKill, a_resume_before_commit_is_taken_up_again) {
  kill_everywhere({.what = "a resume before COMMIT",
                   .prepare = [this] { interrupt_promotion("step_done:confirm"); },
                   .words = [] { return k_resume; },
                   .wanted = 2});
}

TEST_F(SyscallKill, a_resume_behind_commit_is_taken_up_again) {
  kill_everywhere({.what = "a resume behind COMMIT",
                   .prepare = [this] { interrupt_promotion("committed:"); },
                   .words = [] { return k_resume; },
                   .wanted = 2});
}

/// Each on a host that knows nothing of it, beside an application whose requests go on.
TEST_F(SyscallKill, a_first_install_is_undone_or_finished) {
  const Words install{"install", "production", "one"};
  Load load(bystander(), {"--fresh", "40"});  // nginx is reloaded, which costs kept connections
  const auto points = KillProject(bystander()).list_points(install);
  ASSERT_GE(points.size(), k_fewest_points);
  Progress progress{.points = points.size(), .moments = 2 * points.size()};
  for (const std::string& moment : choose(moments_of(points), 5, false)) {
    SCOPED_TRACE(moment);
    KillProject project(bystander());
    const Finished killed = project.kill(install, moment);
    killed.signal == SIGKILL ? ++progress.killed : ++progress.missed;
    const bool has_committed = project.count_commits() > 0;
    if (progress.killed % 2 == 0 && project.project().status().value("installed", false)) {
      const Finished resumed = project.run(k_resume);
      ASSERT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
      ASSERT_EQ(project.serving_tag(), has_committed ? "one" : "");
      ASSERT_TRUE(project.holds_all_invariants());
    }
    const Finished again = project.run(install);
    ASSERT_EQ(again.exit_code, 0) << again.out << again.err;
    ASSERT_EQ(project.serving_tag(), "one");
    ASSERT_TRUE(project.holds_all_invariants());
  }
  const lab_tests::json report = lab_tests::json::parse(lab_tests::read_file(load.finish()), nullptr, false);
  ASSERT_TRUE(report.is_object() && report.value("ok", false)) << report.dump(2);
  progress.tell("an install");
}

}  // namespace
}  // namespace halcyon::syscall_kill
