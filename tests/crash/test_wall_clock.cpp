// The wall clock jumps by years at every change of a promotion, forth and back; nothing depends on it.
#include <regex>

#include "crash_project.hpp"
#include "tests/crash/shared_object.hpp"
#include "tests/crash/warp.hpp"

namespace halcyon::crash_tests {
namespace {

using docker_api::fake::Effect;
using docker_api::fake::Moment;
using docker_api::fake::Verdict;
using lab_tests::ended;

constexpr std::int64_t k_year_seconds = 365LL * 24 * 3600;

class WallClock : public testing::Test {
 protected:
  WallClock() {
    host_.engine().set_effect_hook([this](const Effect&, Moment moment) {
      if (moment == Moment::before) return Verdict::go_on;
      warp_->wall_seconds = ++jumps_ % 2 == 0 ? -20 * k_year_seconds : 10 * k_year_seconds;
      return Verdict::go_on;
    });
  }
  ~WallClock() override { host_.engine().set_effect_hook({}); }

  lab_tests::Finished halcyon(const std::vector<std::string>& words) {
    return project_->halcyon(words, {{k_warp_variable, warp_.path()}});
  }
  /// Years that the journal's records tell.
  std::set<int> years() const {
    std::set<int> found;
    const std::string journal = lab_tests::read_file(project_->state("journal"));
    const std::regex time("([0-9]{4})-[0-9]{2}-[0-9]{2}T");
    for (std::sregex_iterator at(journal.begin(), journal.end(), time), end; at != end; ++at) {
      found.insert(std::stoi((*at)[1]));
    }
    return found;
  }

  FakeHost host_;
  SharedObject<Warp> warp_{host_.directory() + "/warp"};
  std::unique_ptr<lab_tests::Project> project_ = make_project(host_);
  int jumps_ = 0;
};

TEST_F(WallClock, that_jumps_changes_nothing) {
  ASSERT_TRUE(ended(halcyon({"install", "production", "one"}), 0, "deployed"));
  ASSERT_TRUE(project_->serves("one"));
  ASSERT_TRUE(ended(halcyon({"promote", "production", "two"}), 0, "deployed"));
  ASSERT_TRUE(project_->serves("two"));
  ASSERT_TRUE(ended(halcyon({"rollback", "production"}), 0, "deployed"));
  ASSERT_TRUE(project_->serves("one"));
  ASSERT_TRUE(ended(halcyon({"promote", "production", "three"}), 0, "deployed"));
  ASSERT_EQ(halcyon({"resume", "production"}).exit_code, 0);
  ASSERT_TRUE(project_->serves("three"));
  EXPECT_GE(jumps_, 10);
  const std::set<int> told = years();
  EXPECT_GT(*told.rbegin() - *told.begin(), 25) << "has the program seen the jumps?";
}

}  // namespace
}  // namespace halcyon::crash_tests
