// A running environment whose settings change, or whose containers somebody takes away.
#include <csignal>
#include <ctime>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Containers = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

/// Asks over fresh connections, each answered by `release` and without delay.
testing::AssertionResult answers_at_once(const Project& project, const std::string& release) {
  for (int number = 0; number < 20; ++number) {
    const auto began = Clock::now();
    const Reply reply = project.get();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    if (reply.status != 200 || reply.release() != release || took > std::chrono::milliseconds(1'000)) {
      return testing::AssertionFailure() << "request " << number << ": status " << reply.status << " from \""
                                         << reply.release() << "\" after " << took.count() << " ms";
    }
  }
  return testing::AssertionSuccess();
}

/// Ends the client; nothing was lost but what a reload of nginx cannot keep: an idle connection that was
/// kept.
testing::AssertionResult lost_at_most_kept_connections(const std::unique_ptr<SteadyClient>& client) {
  for (const std::string& fault : client->stop()) {
    if (fault.find("(kept): status 0") == std::string::npos) return testing::AssertionFailure() << fault;
  }
  return testing::AssertionSuccess();
}

TEST(ChangedPort, is_the_new_releases_and_a_rollback_finds_the_old_one) {
  const Project project;
  release_image("one");
  special_image("on-9000", {"PORT=9000"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "on-9000"});
  project.configure({.web = {{"port", "9000"}}});
  EXPECT_TRUE(ended(project.promote("on-9000"), 0, "deployed"));
  EXPECT_TRUE(lost_at_most_kept_connections(client));
  EXPECT_TRUE(project.serves("on-9000"));
  const auto back = project.client({"one", "on-9000"});
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(lost_at_most_kept_connections(back));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("on-9000"));
}

TEST(ChangedPort, that_the_image_does_not_listen_on_aborts_and_traffic_stays) {
  const Project project({.gate = {{"deadline", "\"1s\""}}});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one"});
  project.configure({.web = {{"port", "9000"}}, .gate = {{"deadline", "\"1s\""}}});
  EXPECT_TRUE(ended(project.promote("two"), 1, "aborted"));
  EXPECT_TRUE(lost_at_most_kept_connections(client));
  EXPECT_TRUE(answers_at_once(project, "one"));
  project.configure({});
  EXPECT_TRUE(project.serves("one"));
}

TEST(ChangedReplicas, ask_no_container_that_is_not_there) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one", "two"});
  project.configure({.web = {{"replicas", "2"}}});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(lost_at_most_kept_connections(client));
  EXPECT_TRUE(answers_at_once(project, "two"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(answers_at_once(project, "one"));
  EXPECT_EQ(project.containers(),
            (Containers{"web blue r1 running", "web green r2 #2 exited", "web green r2 exited"}));
}

TEST(ChangedDeclaration, that_is_undone_gives_back_the_one_before_and_no_older_one) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string before = read_file(project.state("gate/managed.conf"));
  // What a promotion that could not be cleared up has left.
  write_file(project.state("gate/managed.conf.before.p1"), "# of long ago\n");
  project.configure({.nginx = {{"client_max_body", "\"2MiB\""}}});
  const Finished killed =
      project.halcyon({"promote", "production", "two"}, {{"HALCYON_KILL_AT", "step_done:declare"}});
  ASSERT_EQ(killed.signal, SIGKILL);
  ASSERT_NE(read_file(project.state("gate/managed.conf")), before);
  project.configure({});
  const Finished resumed = project.resume();
  EXPECT_EQ(resumed.exit_code, 0);
  EXPECT_EQ(resumed.out.find("had not loaded our declaration"), std::string::npos) << resumed.out;
  EXPECT_EQ(read_file(project.state("gate/managed.conf")), before);
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));  // and nothing is left of any copy
}

TEST(ChangedDomain, is_declared_by_the_next_promotion) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string domain = "other-" + project.app() + ".test";
  project.configure({.environment = {{"domain", quoted(domain)}}});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_EQ(get_from_loopback(project.lab().nginx_port, domain, "/").release(), "two");
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_EQ(get_from_loopback(project.lab().nginx_port, domain, "/").release(), "one");
}

TEST(ServingContainer, that_somebody_stopped_is_replaced_by_a_promotion_of_the_same_image) {
  const Project project;
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  project.engine().post("/containers/" + project.inspect("web blue r1").at("Id").get<std::string>() +
                        "/stop?t=0");
  ASSERT_TRUE(wait_until([&] { return project.get().status >= 500; }));
  EXPECT_TRUE(ended(project.halcyon({"promote", "production", "one", "--dry-run"}), 0, "deployed"));
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  const Finished again = project.promote("one");
  EXPECT_TRUE(ended(again, 0, "unchanged"));
  for (const json& step : again.document.at("steps")) EXPECT_EQ(step.at("result"), "done") << step;
}

TEST(ServingContainer, that_somebody_removed_is_made_again_by_resume) {
  const Project project({.web = {{"replicas", "2"}}});
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const json before = project.inspect("web blue r1");
  project.engine().remove("/containers/" + before.at("Id").get<std::string>() + "?force=1");
  const Finished resumed = project.resume();
  EXPECT_TRUE(ended(resumed, 0, "unchanged"));
  EXPECT_NE(resumed.out.find("made again"), std::string::npos) << resumed.out;
  EXPECT_TRUE(project.serves("one"));
  const json after = project.inspect("web blue r1");
  EXPECT_NE(after.at("Id"), before.at("Id"));
  EXPECT_EQ(after.at("Image"), before.at("Image"));
  EXPECT_EQ(after.at("HostConfig").at("RestartPolicy").at("Name"), "always");
}

TEST(Accessory, that_is_new_in_the_configuration_comes_with_the_next_install_of_the_same_image) {
  const Project project;
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string image = special_image("database", {});
  project.configure({.more = "[service.db]\nkind = \"accessory\"\nimage = " + quoted(image) + "\n"});
  EXPECT_TRUE(ended(project.halcyon({"promote", "production", "one", "--dry-run"}), 0, "deployed"));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_EQ(project.containers(), (Containers{"db accessory running", "web blue r1 running"}));
  EXPECT_TRUE(ended(project.install("one"), 0, "unchanged"));
}

TEST(Requests, that_are_our_own_are_not_counted) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const Finished promoted = project.promote("two");
  EXPECT_EQ(promoted.document.at("requests").at("total"), 0) << promoted.out;
  EXPECT_EQ(promoted.document.at("requests").at("failed"), 0);
}

TEST(Recovery, tells_of_undoing_only_what_had_begun) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const Finished killed =
      project.halcyon({"promote", "production", "two"}, {{"HALCYON_KILL_AT", "step_done:start"}});
  ASSERT_EQ(killed.signal, SIGKILL);
  const Finished resumed = project.resume();
  EXPECT_TRUE(ended(resumed, 0, "unchanged"));
  std::set<std::string> undone;
  for (const json& event : resumed.events) {
    if (event.value("event", "") == "step_undone") undone.insert(event.at("step"));
  }
  EXPECT_TRUE(undone.contains("start") && undone.contains("create")) << resumed.err;
  EXPECT_FALSE(undone.contains("switch") || undone.contains("declare")) << resumed.err;
  EXPECT_TRUE(project.serves("one"));
}

TEST(Signal, during_the_undoing_of_an_older_promotion_stops_the_new_one_too) {
  const Project project;
  release_image("one");
  release_image("two");
  special_image("deaf", {"IGNORE_SIGTERM=1"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one"});
  const Finished killed =
      project.halcyon({"promote", "production", "deaf"}, {{"HALCYON_KILL_AT", "step_done:gate"}});
  ASSERT_EQ(killed.signal, SIGKILL);
  const auto next = project.begin({"promote", "production", "two"});
  ASSERT_TRUE(next->wait_for_event("note"));  // it takes the stop timeout to undo what is deaf
  next->send(SIGINT);
  const Finished stopped = next->finish();
  EXPECT_TRUE(ended(stopped, 1, "aborted"));
  EXPECT_TRUE(says(stopped, {"interrupted by SIGINT"}));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("one"));
}

}  // namespace
}  // namespace halcyon::lab_tests
