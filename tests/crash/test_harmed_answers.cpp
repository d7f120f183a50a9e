// The n-th request of a promotion to the engine is harmed, for n = 1, 2, ...: it is lost, or what it did is
// not told, or it never comes back. The program may go on or go back; then all agrees.
#include <cstdio>

#include "crash_project.hpp"
#include "tests/crash/shared_object.hpp"
#include "tests/crash/warp.hpp"

namespace halcyon::crash_tests {
namespace {

namespace fake = docker_api::fake;

using lab_tests::ended;
using lab_tests::Finished;

/// `stride`: every so many requests are harmed, in a run that is not full. `speed`: of the program's time.
struct Harm {
  const char* name;
  fake::Fault (*make)(const std::string& hold);
  std::size_t times;
  std::uint64_t stride;
  std::int64_t speed;
};

class HarmedAnswers : public testing::TestWithParam<Harm> {
 protected:
  ~HarmedAnswers() override { heal(); }

  void heal() {
    host_.engine().clear_faults();
    host_.engine().release(hold_);
  }

  /// False: it made fewer requests.
  bool harms(const lab_tests::Project& project, const std::string& tag, std::uint64_t request) {
    warp_->speed = GetParam().speed;
    const std::size_t before = host_.engine().requests().size();
    hold_ = "at request " + std::to_string(request);  // what was released once holds nobody any more
    host_.engine().inject(GetParam().make(hold_), {.skip = request - 1, .times = GetParam().times});
    last_ = project.halcyon({"promote", "production", tag}, {{k_warp_variable, warp_.path()}});
    heal();
    const auto requests = host_.engine().requests();
    if (requests.size() < before + request) return false;
    harmed_ = requests[before + request - 1].method + " " + requests[before + request - 1].target;
    return true;
  }

  FakeHost host_;
  SharedObject<Warp> warp_{host_.directory() + "/warp"};
  Finished last_;
  std::string harmed_;
  std::string hold_;
};

TEST_P(HarmedAnswers, of_the_engine_lose_nothing) {
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  std::string serving = "one";
  std::uint64_t harmed = 0, gone_on = 0;
  const std::uint64_t stride = runs_in_full() ? 1 : GetParam().stride;
  for (std::uint64_t request = 1;; request += stride, ++harmed) {
    ASSERT_LT(request, k_too_many);
    const std::size_t commits = count_commits(*project);
    const std::string next = next_tag(serving);
    const bool has_harmed = harms(*project, next, request);
    SCOPED_TRACE("request " + std::to_string(request) + ", " + harmed_ + ": " + last_.out + last_.err);
    const bool has_committed = count_commits(*project) > commits;
    ASSERT_EQ(last_.exit_code == 0, has_committed);
    ASSERT_TRUE(answers(*project, {serving, next}));
    if (!has_harmed) {
      ASSERT_EQ(last_.exit_code, 0);
      break;
    }
    // It has gone back; or the engine was not there, for the first question or for the way back. Never a
    // usage error, never another's work.
    ASSERT_TRUE((std::set<int>{0, 1, 3, 4}.contains(last_.exit_code))) << last_.exit_code;
    if (has_committed) serving = next;
    if (last_.exit_code == 0) ++gone_on;
    ASSERT_EQ(project->resume().exit_code, 0);
    ASSERT_TRUE(project->serves(serving));
  }
  EXPECT_GE(harmed * stride, k_fewest_points);
  std::printf("requests of a promotion whose %s: %llu, %llu of them it went on from\n", GetParam().name,
              static_cast<unsigned long long>(harmed), static_cast<unsigned long long>(gone_on));
}

INSTANTIATE_TEST_SUITE_P(
    All, HarmedAnswers,
    testing::Values(
        Harm{"request_is_lost", [](const std::string&) { return fake::lose_request(); }, 1, 7, 1},
        Harm{"answer_is_lost", [](const std::string&) { return fake::lose_answer(); }, 1, 5, 1},
        Harm{"answer_ends_in_its_head", [](const std::string&) { return fake::cut_answer(30); }, 1, 11, 1},
        Harm{"answer_ends_in_its_body", [](const std::string&) { return fake::cut_body(1); }, 1, 7, 1},
        Harm{"answer_is_an_error",
             [](const std::string&) { return fake::answer_with(500, "harmed by a test"); }, 1, 7, 1},
        Harm{"answer_stays_away", [](const std::string&) { return fake::stall_after_work(); }, 1, 13, 40},
        Harm{"engine_hangs_for_good", [](const std::string& name) { return fake::hold(name); },
             fake::k_always, 17, 40}),
    [](const testing::TestParamInfo<Harm>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace halcyon::crash_tests
