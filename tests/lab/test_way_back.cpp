// What is behind a release stays reachable: its traffic, its containers, its connections, whatever else
// changes.
#include <algorithm>
#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Containers = std::vector<std::string>;

std::string plain_accessory() {
  return "[service.db]\nkind = \"accessory\"\nimage = " + quoted(special_image("database", {})) +
         "\nstop_timeout = \"2s\"\n";
}

long milliseconds_of_step(const Finished& finished, const std::string& id) {
  for (const json& step : finished.document.at("steps")) {
    if (step.at("id") == id) return step.at("milliseconds").get<long>();
  }
  return -1;
}

/// Connections that their release keeps open until it is stopped.
std::vector<Connection> open_websockets(const Project& project, int count) {
  std::vector<Connection> sockets;
  for (int number = 0; number < count; ++number) {
    auto socket = Connection::to_loopback(project.lab().nginx_port);
    if (!socket) continue;
    const Reply reply = socket->exchange("GET /ws HTTP/1.1\r\nHost: " + project.host() +
                                         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                         "Sec-WebSocket-Version: 13\r\n"
                                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_EQ(reply.status, 101);
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

TEST(WayBack, leads_to_the_release_before_although_the_same_images_were_promoted_again) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  project.configure({.nginx = {{"client_max_body", quoted("2MiB")}}});
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_EQ(project.status().at("previous_release"), "r1");
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 exited", "web green r2 running"}));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  // And forward again, to what served last.
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
}

TEST(WayBack, to_a_release_with_a_service_that_is_not_configured_any_more_is_refused) {
  const std::string api =
      "[service.api]\nimage = " + quoted(the_lab().registry + "/app") +
      "\nport = 8000\nroutes = [\"/version\"]\nstop_timeout = \"2s\"\n[service.api.gate]\npath = "
      "\"/readyz\"\n";
  const Project project({.web = {{"routes", "[\"/\"]"}}, .more = api});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  project.configure({.web = {{"routes", "[\"/\"]"}}});
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  const Containers before = project.containers();
  for (const bool is_dry : {true, false}) {
    std::vector<std::string> words{"rollback", "production"};
    if (is_dry) words.emplace_back("--dry-run");
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 2, "usage"));
    EXPECT_TRUE(says(refused, {"cannot roll back to r1", "[service.api]"}));
  }
  EXPECT_EQ(project.containers(), before);
  EXPECT_TRUE(project.serves("two"));
}

TEST(ReloadMode, traffic_stays_where_it_is_when_only_the_surroundings_are_prepared) {
  const Keys reload{{"switch", quoted("reload")}};
  const Project project({.nginx = reload});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  project.configure({.nginx = reload, .more = plain_accessory()});
  EXPECT_TRUE(ended(project.halcyon({"install", "production"}), 0, "deployed"));
  EXPECT_EQ(project.containers(),
            (Containers{"db accessory running", "web blue r1 exited", "web green r2 running"}));
  EXPECT_TRUE(project.serves("two"));
}

TEST(ReloadMode, can_be_left_for_flags_and_taken_up_again_without_an_answer_from_the_wrong_slot) {
  const Keys reload{{"switch", quoted("reload")}};
  const Project project({.nginx = reload});
  for (const char* tag : {"one", "two", "three"}) release_image(tag);
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  const auto faults_besides_kept = [](const std::unique_ptr<SteadyClient>& client) {
    std::vector<std::string> faults = client->stop();
    std::erase_if(
        faults, [](const std::string& fault) { return fault.find("(kept): status 0") != std::string::npos; });
    return faults;
  };
  const auto to_flags = project.client({"two"});
  project.configure({});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_EQ(faults_besides_kept(to_flags), std::vector<std::string>{});
  EXPECT_TRUE(project.serves("two"));
  const auto to_reload = project.client({"two", "three"});
  project.configure({.nginx = reload});
  EXPECT_TRUE(ended(project.promote("three"), 0, "deployed"));
  EXPECT_EQ(faults_besides_kept(to_reload), std::vector<std::string>{});
  EXPECT_TRUE(project.serves("three"));
}

TEST(Drain, of_several_containers_takes_the_time_that_one_may_take) {
  const Keys settings{{"replicas", "3"}, {"drain_max", quoted("1s")}};
  const Project project({.web = settings});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto sockets = open_websockets(project, 9);
  // What the new release allows is not what the old one's connections were promised.
  project.configure({.web = {{"drain_max", quoted("100ms")}}});
  const Finished promoted = project.promote("two");
  EXPECT_TRUE(ended(promoted, 0, "deployed"));
  EXPECT_GE(milliseconds_of_step(promoted, "drain"), 1'000);
  EXPECT_LT(milliseconds_of_step(promoted, "drain"), 2'000);
  EXPECT_TRUE(project.serves("two"));
}

}  // namespace
}  // namespace halcyon::lab_tests
