// The host starts again: engine, containers and nginx were killed, and boot runs before the engine is back.
#include <signal.h>
#include <unistd.h>

#include <sstream>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

/// An engine and an nginx that may be killed: they are nobody else's.
class Boot : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    lab_ = std::make_unique<PrivateLab>("/tmp/hb" + std::to_string(::getpid()), "");
    release_image("one", **lab_);
    release_image("two", **lab_);
    special_image("slow", {"RELEASE=slow", "READY=after:20000"}, **lab_);
  }
  static void TearDownTestSuite() { lab_.reset(); }

  void SetUp() override {
    ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
    ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  }

  /// What a power cut does to processes: none says goodbye. Containers that the engine would leave behind are
  /// killed by it when it starts.
  void cut_power() const {
    const std::string engine_pid = read_file((**lab_).directory + "/engine/docker.pid");
    ASSERT_EQ(::kill(std::stoi(engine_pid), SIGKILL), 0);
    const std::string master = std::to_string(find_nginx_master(**lab_));
    std::istringstream workers(read_file("/proc/" + master + "/task/" + master + "/children"));
    ASSERT_EQ(::kill(std::stoi(master), SIGKILL), 0);
    for (pid_t worker = 0; workers >> worker;) ::kill(worker, SIGKILL);
    ASSERT_TRUE(wait_until([] { return find_nginx_master(**lab_) == 0; }));
  }
  /// Begins `halcyon boot`, and only then brings engine and nginx back.
  Finished boot_and_start() const {
    const std::unique_ptr<Running> boot = project.begin({"boot", "production"});
    EXPECT_TRUE(boot->wait_for_event("note"));
    EXPECT_EQ(run_lab({"restart", (**lab_).directory, "engine", "--kill"}), 0);
    EXPECT_EQ(run_lab({"restart", (**lab_).directory, "nginx", "--kill"}), 0);
    return boot->finish();
  }
  /// Ready means: what serves is what the journal says, from its image and at its address.
  void expect_ready(const Finished& booted, const std::string& tag) const {
    EXPECT_EQ(booted.exit_code, 0) << booted.document.dump(2);
    EXPECT_EQ(project.get("/version").release(), tag);
    EXPECT_TRUE(project.serves(tag));
    EXPECT_TRUE(ended(project.halcyon({"doctor", "production"}), 0, "unchanged"));
  }

  static std::unique_ptr<PrivateLab> lab_;
  const Project project{Settings{}, **lab_};
};
std::unique_ptr<PrivateLab> Boot::lab_;

TEST_F(Boot, waits_for_engine_and_nginx_and_finds_what_served) {
  cut_power();
  const Finished booted = boot_and_start();
  expect_ready(booted, "two");
  EXPECT_EQ(booted.document.at("environments").at(0).at("release"), "r2");
}

TEST_F(Boot, undoes_what_was_interrupted_before_commit) {
  const std::unique_ptr<Running> promotion = project.begin({"promote", "production", "slow"});
  ASSERT_TRUE(promotion->wait_for_event("step_done", "start"));
  promotion->send(SIGKILL);
  promotion->finish();
  cut_power();
  expect_ready(boot_and_start(), "two");
}

TEST_F(Boot, brings_back_what_did_not_come_back_by_itself) {
  const std::string serving = project.app() + "_production_web_green_r2_1";
  project.engine().post("/containers/" + serving + "/update", {{"RestartPolicy", {{"Name", "no"}}}});
  // And the one of before comes up instead.
  const std::string before = project.app() + "_production_web_blue_r1_1";
  project.engine().post("/containers/" + before + "/update", {{"RestartPolicy", {{"Name", "always"}}}});
  project.engine().post("/containers/" + before + "/start");
  cut_power();
  expect_ready(boot_and_start(), "two");
}

}  // namespace
}  // namespace halcyon::lab_tests
