// The engine dies before or behind its n-th change, for n = 1, 2, ..., and is up again at once, as systemd
// sees to it. The program may go on or go back; then all agrees.
#include <atomic>
#include <cstdio>
#include <semaphore>
#include <thread>

#include "crash_project.hpp"

namespace halcyon::crash_tests {
namespace {

using docker_api::fake::Effect;
using docker_api::fake::Moment;
using docker_api::fake::RestartKind;
using docker_api::fake::Verdict;
using lab_tests::ended;
using lab_tests::Finished;

/// Starts the engine again when it is told that it dies.
class Reviver {
 public:
  explicit Reviver(docker_api::fake::FakeEngine& engine)
      : thread_([this, &engine](const std::stop_token& stop) {
          for (told_.acquire(); !stop.stop_requested(); told_.acquire()) {
            while (engine.is_alive()) std::this_thread::yield();  // it dies as soon as its hook is left
            engine.restart(RestartKind::crash);
          }
        }) {}
  ~Reviver() {
    thread_.request_stop();
    told_.release();
  }
  void tell() { told_.release(); }

 private:
  std::counting_semaphore<> told_{0};
  std::jthread thread_;
};

class EngineDeaths : public testing::Test {
 protected:
  EngineDeaths() {
    host_.engine().set_effect_hook([this](const Effect&, Moment) {
      if (!is_armed_ || ++passed_ != die_at_) return Verdict::go_on;
      reviver_.tell();
      return Verdict::die;
    });
  }
  ~EngineDeaths() override { host_.engine().set_effect_hook({}); }

  /// False: the engine lived through it.
  bool dies(const lab_tests::Project& project, const std::vector<std::string>& words, std::uint64_t point) {
    passed_ = 0;
    die_at_ = point;
    is_armed_ = true;
    last_ = project.halcyon(words);
    is_armed_ = false;
    const bool has_died = passed_ >= point;
    EXPECT_TRUE(has_died || last_.exit_code == 0) << last_.out << last_.err;
    return has_died;
  }

  FakeHost host_;
  Reviver reviver_{host_.engine()};
  std::atomic<bool> is_armed_ = false;
  std::atomic<std::uint64_t> passed_ = 0;
  std::atomic<std::uint64_t> die_at_ = 0;
  Finished last_;
};

TEST_F(EngineDeaths, in_a_promotion_lose_nothing) {
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  std::string serving = "one";
  std::uint64_t point = 1;
  std::uint64_t gone_on = 0;
  for (;; ++point) {
    ASSERT_LT(point, k_too_many);
    const std::size_t commits = count_commits(*project);
    const std::string next = next_tag(serving);
    if (!dies(*project, {"promote", "production", next}, point)) break;
    SCOPED_TRACE("point " + std::to_string(point) + ": " + last_.out);
    const bool has_committed = count_commits(*project) > commits;
    // Deployed is true, and so is that it went back.
    ASSERT_EQ(last_.exit_code == 0, has_committed);
    if (has_committed) serving = next;
    if (last_.exit_code == 0) ++gone_on;
    ASSERT_EQ(project->resume().exit_code, 0);
    ASSERT_TRUE(project->serves(serving));
  }
  EXPECT_GE(point - 1, k_fewest_points);
  std::printf("deaths of the engine in a promotion: %llu, %llu of them it went on from\n",
              static_cast<unsigned long long>(point - 1), static_cast<unsigned long long>(gone_on));
}

}  // namespace
}  // namespace halcyon::crash_tests
