// While a promotion's n-th request is on its way, somebody removes, stops or renames by hand what it works
// with, for n = 1, 2, ... The program may go on or go back; then all agrees.
#include <cstdio>
#include <string>
#include <vector>

#include "crash_project.hpp"

namespace halcyon::crash_tests {
namespace {

using lab_tests::ended;
using lab_tests::Finished;
using lab_tests::Project;

constexpr std::chrono::seconds k_patience{3};

/// What stands on the host in the middle of a promotion.
struct Scene {
  const Project& project;
  std::vector<std::string> serving;  ///< names of containers
  std::vector<std::string> made;     ///< by this promotion
};

struct Hand {
  const char* name;
  void (*act)(const Scene& scene);
  std::uint64_t stride;  ///< every so many requests, in a run that is not full
};

void remove_all(const Project& project, const std::vector<std::string>& containers) {
  for (const std::string& name : containers) project.engine().remove("/containers/" + name + "?force=1");
}

void remove_made(const Scene& scene) { remove_all(scene.project, scene.made); }
void remove_serving(const Scene& scene) { remove_all(scene.project, scene.serving); }

void stop_serving(const Scene& scene) {
  for (const std::string& name : scene.serving)
    scene.project.engine().post("/containers/" + name + "/stop?t=0");
}

void rename_made(const Scene& scene) {
  for (const std::string& name : scene.made) {
    scene.project.engine().post("/containers/" + name + "/rename?name=somebodys-" + name);
  }
}

void remove_images(const Scene& scene) {
  for (const auto& image : scene.project.engine().get("/images/json")) {
    try {
      scene.project.engine().remove("/images/" + image.at("Id").get<std::string>() + "?force=1");
    } catch (const std::runtime_error&) {  // what a running container was made from stays
    }
  }
}

class OtherHands : public testing::TestWithParam<Hand> {
 protected:
  /// False: the promotion made fewer requests.
  bool interferes(const Project& project, const std::string& tag, std::uint64_t request) {
    const lab_tests::json before = project.status();
    const std::string hold = "at request " + std::to_string(request);
    host_.engine().inject(docker_api::fake::hold(hold), {.skip = request - 1});
    const auto promotion = project.begin({"promote", "production", tag});
    const bool is_held = holds(hold);
    if (is_held) {
      harmed_ = host_.engine().requests().back().target;
      GetParam().act(look_around(project, before));
    }
    host_.engine().release(hold);
    last_ = promotion->finish();
    host_.engine().clear_faults();
    return is_held;
  }

  /// False if no request came so far.
  bool holds(const std::string& hold) {
    try {
      host_.engine().wait_until_held(hold, k_patience);
    } catch (const std::runtime_error&) {
      return false;
    }
    return true;
  }

  Scene look_around(const Project& project, const lab_tests::json& before) {
    Scene scene{.project = project, .serving = {}, .made = {}};
    for (const auto& container : host_.engine().containers()) {
      const auto label = container.labels.find("halcyon.release");
      if (label == container.labels.end()) continue;
      if (label->second == before.at("current_release").get<std::string>()) {
        scene.serving.push_back(container.name);
      } else if (label->second != before.at("previous_release").get<std::string>()) {
        scene.made.push_back(container.name);
      }
    }
    return scene;
  }

  FakeHost host_;
  Finished last_;
  std::string harmed_;
};

TEST_P(OtherHands, in_a_promotion_are_coped_with) {
  const auto project = make_project(host_);
  ASSERT_TRUE(ended(project->install("one"), 0, "deployed"));
  std::string serving = "one";
  std::uint64_t tried = 0, gone_on = 0;
  const std::uint64_t stride = runs_in_full() ? 1 : GetParam().stride;
  for (std::uint64_t request = 1;; request += stride, ++tried) {
    ASSERT_LT(request, k_too_many);
    const std::size_t commits = count_commits(*project);
    const std::string next = next_tag(serving);
    const bool has_interfered = interferes(*project, next, request);
    SCOPED_TRACE("request " + std::to_string(request) + ", " + harmed_ + ": " + last_.out + last_.err);
    const bool has_committed = count_commits(*project) > commits;
    ASSERT_EQ(last_.exit_code == 0, has_committed);
    if (has_committed) serving = next;
    if (!has_interfered) break;
    ASSERT_TRUE((std::set<int>{0, 1, 3, 4}.contains(last_.exit_code))) << last_.exit_code;
    if (last_.exit_code == 0) ++gone_on;
    const Finished resumed = project->resume();
    ASSERT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
    ASSERT_TRUE(project->serves(serving));
  }
  EXPECT_GE(tried * stride, k_fewest_points);
  std::printf("requests of a promotion during which somebody %s: %llu, %llu of them it went on from\n",
              GetParam().name, static_cast<unsigned long long>(tried),
              static_cast<unsigned long long>(gone_on));
}

INSTANTIATE_TEST_SUITE_P(All, OtherHands,
                         testing::Values(Hand{"removed_what_is_new", remove_made, 7},
                                         Hand{"removed_what_serves", remove_serving, 8},
                                         Hand{"stopped_what_serves", stop_serving, 9},
                                         Hand{"renamed_what_is_new", rename_made, 11},
                                         Hand{"removed_all_images", remove_images, 7}),
                         [](const testing::TestParamInfo<Hand>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace halcyon::crash_tests
