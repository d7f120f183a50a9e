// The example programs of docker_api, run as a user would run them.
#include <gtest/gtest.h>

#include <future>

#include "harness_lab.hpp"

namespace halcyon::lab_tests {
namespace {

Program example(const std::string& name, std::vector<std::string> arguments = {}) {
  Program program{.words = {std::string(HALCYON_EXAMPLES) + "/example_" + name},
                  .variables = {{"DOCKER_HOST", the_lab().docker_host}}};
  program.words.insert(program.words.end(), arguments.begin(), arguments.end());
  return program;
}

TEST(Example, engine_info_says_which_engine_it_is_and_who_said_so) {
  const Finished told = run(example("engine_info"));
  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_NE(told.out.find(the_lab().docker_host + ", from DOCKER_HOST"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("engine "), std::string::npos) << told.out;
  const Finished absent = run(example("engine_info", {"unix:///nowhere.sock"}));
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_NE(absent.err.find("is the engine running?"), std::string::npos) << absent.err;
}

TEST(Example, run_once_hands_on_output_and_exit_code) {
  const std::string image = special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  const EngineApi engine(the_lab());
  engine.post("/images/create?fromImage=" + image.substr(0, image.rfind(':')) +
              "&tag=" + image.substr(image.rfind(':') + 1));
  const Finished ran = run(example("run_once", {image, "unused"}));
  EXPECT_EQ(ran.exit_code, 7) << ran.err;
  EXPECT_NE((ran.out + ran.err).find("exiting code=7"), std::string::npos) << ran.out << ran.err;
  EXPECT_EQ(run(example("run_once", {"absent.invalid/x:1", "x"})).exit_code, 125);
}

TEST(Example, follow_events_tells_what_happens) {
  const EngineApi engine(the_lab());
  Running following(example("follow_events", {"1"}));
  auto finished = std::async(std::launch::async, [&following] { return following.finish(seconds(20)); });
  // Whatever comes first will do; it is made to happen again until one has been seen.
  while (finished.wait_for(milliseconds(20)) != std::future_status::ready) {
    engine.post("/volumes/create", {{"Name", "halcyon-example"}});
    engine.remove("/volumes/halcyon-example");
  }
  const Finished followed = finished.get();
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_NE(followed.out.find("following\nvolume "), std::string::npos) << followed.out;
}

}  // namespace
}  // namespace halcyon::lab_tests
