// Releases that fail: what is said, that the old release answers all the while, and that nothing is left
// behind.
#include <signal.h>

#include <filesystem>
#include <thread>

#include "harness_fixture.hpp"

namespace halcyon::lab_tests {
namespace {

class Failure : public OneServes {
 protected:
  std::string next_container(const std::string& tag) const {
    return project.plan(tag).at("services").at(0).at("containers").at(0);
  }
};

TEST_F(Failure, a_release_that_is_never_ready_is_given_up_at_the_deadline) {
  special_image("never-ready", {"READY=never"});
  project.configure({.gate = {{"deadline", quoted("700ms")}}});
  const std::string name = next_container("never-ready");
  const Finished failed = project.promote("never-ready");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"the gate of " + name + " did not hold", "not within 700 ms",
                            "it answered status 503, wanted 200", "/readyz", "is running",
                            "Look at the log lines", "gate.deadline"}));
}

TEST_F(Failure, a_release_that_exits_at_once_is_reported_with_exit_code_and_log) {
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  const Finished failed = project.promote("exits-at-once");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"did not hold", "it stopped", "is exited, exit code 7",
                            "exiting code=7 at once because EXIT says so"}));
}

TEST_F(Failure, a_release_that_exits_at_once_is_not_waited_for_at_its_address) {
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  project.configure({.gate = {{"request_timeout", quoted("30s")}}});
  const Finished failed = project.promote("exits-at-once");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"it stopped", "exit code 7"}));
  for (const json& step : failed.document.at("steps")) {
    if (step.at("id") != "gate" || step.at("result") != "failed") continue;
    EXPECT_LT(step.at("milliseconds"), 2'000) << "the address answers nobody after about three seconds only";
    RecordProperty("gate_milliseconds", step.at("milliseconds").dump());
  }
}

TEST_F(Failure, a_release_that_crashes_inside_the_gate_is_not_waited_for) {
  special_image("crashes", {"READY=never", "EXIT=after:300", "EXIT_CODE=9"});
  project.configure({.gate = {{"deadline", quoted("60s")}}});
  const Finished failed = project.promote("crashes");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(
      says(failed, {"did not hold", "it stopped", "exit code 9", "exiting code=9 because EXIT says so"}));
  EXPECT_LT(failed.document.at("milliseconds"), 30'000);
}

TEST_F(Failure, a_release_that_listens_elsewhere_is_told_apart_from_one_that_is_slow) {
  special_image("elsewhere", {"PORT=8001"});
  project.configure({.gate = {{"deadline", quoted("500ms")}}});
  const Finished failed = project.promote("elsewhere");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"did not hold", "Connection refused", "listening port=8001", "port"}));
}

TEST_F(Failure, an_entrypoint_that_does_not_exist_is_told_as_the_engine_tells_it) {
  release_image("two");
  project.configure({.web = {{"entrypoint", "[\"/no-such-program\"]"}}});
  const Finished failed = project.promote("two");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(
      failed, {"start", "/no-such-program", "no such file", "Is the command of service.web in its image"}));
}

TEST_F(Failure, a_tag_that_does_not_exist_is_refused_before_anything_is_made) {
  const Finished failed = project.promote("no-such-tag");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"cannot find out which image " + the_lab().registry + "/app:no-such-tag is",
                            the_lab().registry + " answers, but has no such image", "was that tag pushed"}));
}

TEST_F(Failure, a_container_name_that_is_taken_is_left_to_its_owner) {
  const std::string image = release_image("two");
  const std::string name = next_container("two");
  const std::string foreign =
      project.engine().post("/containers/create?name=" + name, {{"Image", image}}).at("Id");
  const Finished failed = project.promote("two");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"cannot create container " + name, "exists and is not ours",
                            foreign.substr(0, 12), "docker rename"}));
  EXPECT_EQ(project.engine().get("/containers/" + foreign + "/json").at("State").at("Status"), "created");
  EXPECT_TRUE(project.engine().remove("/containers/" + foreign + "?force=1"));
}

TEST_F(Failure, an_address_that_is_in_use_is_left_to_its_owner) {
  const std::string image = release_image("two");
  const std::string address = project.plan("two").at("services").at(0).at("addresses").at(0);
  const std::string network = project.app() + "_production";
  const json endpoint{{"IPAMConfig", {{"IPv4Address", address}}}};
  const std::string foreign =
      project.engine()
          .post("/containers/create", {{"Image", image},
                                       {"HostConfig", {{"NetworkMode", network}}},
                                       {"NetworkingConfig", {{"EndpointsConfig", {{network, endpoint}}}}}})
          .at("Id");
  project.engine().post("/containers/" + foreign + "/start");
  const Finished failed = project.promote("two");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"Address already in use", "start"}));
  EXPECT_EQ(project.engine().get("/containers/" + foreign + "/json").at("State").at("Status"), "running");
  EXPECT_TRUE(project.engine().remove("/containers/" + foreign + "?force=1"));
}

TEST_F(Failure, an_engine_that_cannot_be_reached_is_exit_4) {
  const std::string journal = read_file(project.state("journal"));
  const Finished failed =
      project.halcyon({"-H", "unix:///nonexistent/docker.sock", "promote", "production", "two"});
  EXPECT_TRUE(ended(failed, 4, "unreachable"));
  EXPECT_TRUE(says(failed, {"cannot connect to unix:///nonexistent/docker.sock (--host): No such file"}));
  const Finished installed = project.halcyon({"-H", "tcp://127.0.0.1:1", "install", "production", "two"});
  EXPECT_TRUE(ended(installed, 4, "unreachable"));
  EXPECT_TRUE(says(installed, {"127.0.0.1:1 (--host)"}));
  const Finished looked = project.halcyon({"-H", "unix:///nonexistent/docker.sock", "status", "production"});
  EXPECT_TRUE(ended(looked, 4, "unreachable"));
  EXPECT_TRUE(says(looked, {"docker.sock (--host)"}));
}

TEST_F(Failure, an_image_that_was_pulled_for_it_goes_again_and_one_that_was_there_stays) {
  const std::string reference = special_image("never-ready-and-pulled", {"READY=never"});
  const std::string id = project.engine().get("/images/" + reference + "/json").at("Id");
  const auto has_image = [&] {
    return project.engine().get("/images/json?all=1").dump().find(id) != std::string::npos;
  };
  project.configure({.gate = {{"deadline", quoted("300ms")}}});
  EXPECT_TRUE(ended(project.promote("never-ready-and-pulled"), 1, "aborted"));
  EXPECT_TRUE(has_image()) << "it was there before";
  ASSERT_TRUE(project.engine().remove("/images/" + reference + "?force=1"));
  ASSERT_FALSE(has_image());
  EXPECT_TRUE(ended(project.promote("never-ready-and-pulled"), 1, "aborted"));
  EXPECT_FALSE(has_image());
}

TEST_F(Failure, a_signal_during_the_gate_takes_everything_back) {
  special_image("never-ready", {"READY=never"});
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto running = project.begin({"promote", "production", "never-ready"});
    ASSERT_TRUE(running->wait_for_event("progress", "gate"));
    running->send(signal);
    const Finished stopped = running->finish();
    EXPECT_TRUE(ended(stopped, 1, "aborted"));
    EXPECT_TRUE(says(stopped, {"interrupted by", signal == SIGINT ? "SIGINT" : "SIGTERM",
                               "it has been undone. r1 stays the current release"}));
  }
}

TEST_F(Failure, a_second_promotion_is_told_who_is_at_work) {
  special_image("never-ready", {"READY=never"});
  const auto first = project.begin({"promote", "production", "never-ready"});
  ASSERT_TRUE(first->wait_for_event("progress", "gate"));
  EXPECT_NE(project.status().at("busy").get<std::string>().find("pid " + std::to_string(first->pid())),
            std::string::npos);
  EXPECT_EQ(project.status().at("interrupted"), "");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"promote", "production", "one"}, {"rollback", "production"}, {"resume", "production"}}) {
    const Finished second = project.halcyon(words);
    EXPECT_TRUE(ended(second, 5, "busy"));
    EXPECT_TRUE(says(second, {"cannot start " + words.front(), "pid " + std::to_string(first->pid()) + " ",
                              "since 20", "promote never-ready", "Nothing was touched", "try again"}));
  }
  first->send(SIGTERM);
  EXPECT_TRUE(ended(first->finish(), 1, "aborted"));
}

TEST(FirstInstall, that_fails_leaves_neither_containers_nor_network_nor_nginx_files) {
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  const Project project;
  const Finished failed = project.install("exits-at-once");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"exit code 7"}));
  EXPECT_TRUE(project.is_settled());
  EXPECT_TRUE(project.containers().empty());
  EXPECT_TRUE(project.engine().list("/networks", project.app()).empty());
  EXPECT_FALSE(std::filesystem::exists(project.nginx_link()));
  release_image("one");
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST(AfterCommit, a_signal_does_not_stop_what_is_committed) {
  const Project project;
  release_image("two");
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "two"});
  // It holds the drain open, so that the signal comes before the end.
  Reply slow;
  std::thread asking([&] { slow = project.get("/slow?ms=1500&bytes=1000"); });
  const auto running = project.begin({"promote", "production", "two"});
  EXPECT_TRUE(running->wait_for_event("step_began", "drain"));
  running->send(SIGTERM);
  const Finished finished = running->finish();
  asking.join();
  EXPECT_TRUE(ended(finished, 0, "deployed"));
  EXPECT_EQ(slow.status, 200) << slow.error;
  EXPECT_EQ(slow.body.size(), 1000U);
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("two"));
}

}  // namespace
}  // namespace halcyon::lab_tests
