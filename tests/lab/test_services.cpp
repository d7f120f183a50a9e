// Applications of more than one container: two services, replicas, accessories; and their logs.
#include <csignal>

#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

using Containers = std::vector<std::string>;

std::string second_service(const std::string& name, const std::string& route) {
  return "[service." + name + "]\nimage = " + quoted(the_lab().registry + "/app") +
         "\nport = 8000\nroutes = [" + quoted(route) + "]\nstop_timeout = \"2s\"\n[service." + name +
         ".gate]\npath = \"/readyz\"\n";
}

std::string accessory_of(const std::string& image) {
  return "[service.db]\nkind = \"accessory\"\nimage = " + quoted(image) +
         "\nvolumes = [\"data:/var/lib/data\"]\nstop_timeout = \"2s\"\n";
}

TEST(TwoServices, only_the_one_that_changes_is_replaced) {
  const Project project({.web = {{"routes", "[\"/\"]"}}, .more = second_service("api", "/version")});
  for (const char* tag : {"one", "two", "three"}) release_image(tag);
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_EQ(project.containers(), (Containers{"api blue r1 running", "web blue r1 running"}));
  const std::string api = project.inspect("api blue r1").at("Id");
  const auto client = project.client({"one", "two"});
  const Finished promoted = project.promote("web=two");
  EXPECT_TRUE(ended(promoted, 0, "deployed"));
  for (const json& service : promoted.document.at("services")) {
    EXPECT_EQ(service.at("changed"), service.at("name") == "web") << service;
  }
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.get("/version").release(), "one");
  EXPECT_EQ(project.containers(),
            (Containers{"api blue r1 running", "web blue r1 exited", "web green r2 running"}));
  EXPECT_EQ(project.inspect("api blue r1").at("Id"), api);

  const auto both = project.client({"two", "three"});
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(ended(project.halcyon({"promote", "production", "web=three", "api=three"}), 0, "deployed"));
  EXPECT_EQ(project.containers(), (Containers{"api blue r1 exited", "api green r3 running",
                                              "web blue r3 running", "web green r2 exited"}));
  EXPECT_EQ(project.get("/version").release(), "three");
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.get("/version").release(), "one");
  EXPECT_EQ(project.inspect("api blue r1").at("Id"), api);
  EXPECT_TRUE(lost_nothing(both));
}

TEST(TwoServices, one_that_fails_takes_the_other_back_too) {
  const Project project({.web = {{"routes", "[\"/\"]"}}, .more = second_service("api", "/version")});
  release_image("one");
  release_image("two");
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one"});
  EXPECT_TRUE(
      ended(project.halcyon({"promote", "production", "api=two", "web=exits-at-once"}), 1, "aborted"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.get("/version").release(), "one");
  EXPECT_EQ(project.containers(), (Containers{"api blue r1 running", "web blue r1 running"}));
}

TEST(Replicas, of_a_service_all_get_requests) {
  const Project project({.web = {{"replicas", "2"}}});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_EQ(project.containers(), (Containers{"web blue r1 #2 running", "web blue r1 running"}));
  const auto client = project.client({"one", "two"});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 #2 exited", "web blue r1 exited",
                                              "web green r2 #2 running", "web green r2 running"}));
  std::set<std::string> hosts;
  ASSERT_TRUE(wait_until([&] {
    hosts.insert(project.get("/").body);  // its own hostname is in it
    return hosts.size() == 2;
  }));
  EXPECT_EQ(project.status().at("services").at(0).at("containers").size(), 2U);
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST(Replicas, when_one_of_them_fails_none_is_left) {
  const Project project({.web = {{"replicas", "2"}}});
  release_image("one");
  special_image("crashes", {"READY=never", "EXIT=after:300", "EXIT_CODE=9"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto client = project.client({"one"});
  EXPECT_TRUE(ended(project.promote("crashes"), 1, "aborted"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.containers(), (Containers{"web blue r1 #2 running", "web blue r1 running"}));
}

TEST(Accessory, is_started_once_and_left_alone_by_promotions) {
  const std::string image = special_image("database", {});
  const Project project({.more = accessory_of(image)});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_EQ(project.containers(), (Containers{"db accessory running", "web blue r1 running"}));
  const json before = project.inspect("db accessory");
  EXPECT_EQ(before.at("Mounts").at(0).at("Name"), project.app() + "_production_data");
  EXPECT_EQ(before.at("HostConfig").at("RestartPolicy").at("Name"), "always");
  const json endpoint = before.at("NetworkSettings").at("Networks").at(project.app() + "_production");
  EXPECT_NE(endpoint.at("Aliases").dump().find("\"db\""), std::string::npos);
  const auto client = project.client({"one", "two"});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(lost_nothing(client));
  const json after = project.inspect("db accessory");
  EXPECT_EQ(after.at("Id"), before.at("Id"));
  EXPECT_EQ(after.at("State").at("StartedAt"), before.at("State").at("StartedAt"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_EQ(project.engine().list("/volumes", project.app()).at("Volumes").size(), 1U);
  const Finished refused = project.halcyon({"promote", "production", "db=two"});
  EXPECT_TRUE(ended(refused, 2, "usage"));
  EXPECT_TRUE(says(refused, {"db", "accessory"}));
}

TEST(Accessory, is_made_again_from_the_image_it_had_although_its_tag_has_moved) {
  const std::string image = ensure_image(the_lab(), "moving:1", {"RELEASE=first"});
  const Project project({.more = accessory_of(image)});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const std::string first = project.inspect("db accessory").at("Image");
  ensure_image(the_lab(), "moving:1", {"RELEASE=second"});
  const std::string container = project.inspect("db accessory").at("Id");
  ASSERT_TRUE(project.engine().remove("/containers/" + container + "?force=true"));
  ASSERT_TRUE(project.engine().remove("/images/" + first));
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_EQ(project.inspect("db accessory").at("Image"), first);
  EXPECT_TRUE(project.serves("two"));
  // Another name is another wish, once the container is gone.
  project.configure({.more = accessory_of(special_image("database", {}))});
  const Finished told = project.promote("two");
  EXPECT_TRUE(ended(told, 0, "unchanged"));
  EXPECT_NE(told.document.at("notes").dump().find("accessory db keeps image " + image), std::string::npos)
      << told.document;
  ASSERT_TRUE(project.engine().remove("/containers/" + project.app() + "_production_db?force=true"));
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_NE(project.inspect("db accessory").at("Image"), first);
  EXPECT_TRUE(project.serves("two"));
}

TEST(Accessory, that_does_not_run_stops_the_install_before_traffic) {
  const std::string image = special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  const Project project({.more = accessory_of(image)});
  release_image("one");
  const Finished failed = project.install("one");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"accessory " + project.app() + "_production_db does not run",
                            "exiting code=7 at once because EXIT says so"}));
  EXPECT_TRUE(project.containers().empty());
  EXPECT_TRUE(project.is_settled());
}

TEST(Install, as_a_dry_run_tells_the_plan_and_leaves_nothing_behind) {
  const Project project({.more = accessory_of(special_image("database", {}))});
  release_image("one");
  const Finished planned = project.halcyon({"install", "production", "one", "--dry-run"});
  EXPECT_TRUE(ended(planned, 0, "deployed"));
  const json& plan = planned.document.at("plan");
  EXPECT_EQ(plan.at("release"), "r1");
  EXPECT_EQ(plan.at("creates").size(), 4U) << plan;
  EXPECT_EQ(plan.at("services").at(0).at("to_slot"), "blue");
  EXPECT_TRUE(project.containers().empty());
  EXPECT_TRUE(project.engine().list("/networks", project.app()).empty());
  EXPECT_FALSE(std::filesystem::exists(project.directory() + "/state"));
  EXPECT_FALSE(std::filesystem::exists(project.nginx_link()));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST(Install, without_an_image_prepares_and_the_first_promotion_follows) {
  const Project project({.more = accessory_of(special_image("database", {}))});
  release_image("one");
  EXPECT_TRUE(ended(project.halcyon({"install", "production"}), 0, "deployed"));
  EXPECT_EQ(project.containers(), (Containers{"db accessory running"}));
  EXPECT_EQ(project.status().at("installed"), true);
  EXPECT_EQ(project.status().at("current_release"), "");
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  const auto containers = project.containers();
  EXPECT_EQ(project.halcyon({"install", "production"}).exit_code, 0);
  EXPECT_EQ(project.containers(), containers);
  EXPECT_TRUE(project.serves("one"));
}

TEST(Logs, show_what_the_serving_containers_wrote) {
  const Project project;
  release_image("one");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  auto connection = Connection::to_loopback(the_lab().nginx_port);
  ASSERT_TRUE(connection);
  const Reply reply = connection->exchange("POST /echo HTTP/1.1\r\nHost: " + project.host() +
                                           "\r\nX-Request-Id: post-17\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_EQ(reply.status, 200) << reply.error;
  EXPECT_EQ(reply.body, "hello");
  const Finished logs = project.halcyon({"logs", "production", "web"});
  EXPECT_EQ(logs.exit_code, 0);
  EXPECT_NE(logs.out.find("listening port=8000 release=one"), std::string::npos) << logs.out;
  EXPECT_NE(logs.out.find("post id=post-17 bytes=5 release=one"), std::string::npos) << logs.out;
  EXPECT_NE(logs.out.find("\"service\":\"web\""), std::string::npos) << logs.out;
  const Finished last = project.halcyon({"logs", "production", "--tail", "1"});
  EXPECT_EQ(last.out.find("listening"), std::string::npos) << last.out;
}

TEST(Logs, that_are_followed_go_on_with_what_a_new_release_says_first) {
  const Project project;
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  const auto logs = project.begin({"logs", "production", "web", "--follow"});
  ASSERT_TRUE(logs->wait_for_output("listening port=8000 release=one"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(logs->wait_for_output("listening port=8000 release=two"));
  logs->send(SIGINT);
  const Finished stopped = logs->finish();
  EXPECT_EQ(stopped.signal, 0);
  EXPECT_EQ(stopped.err.find("error"), std::string::npos) << stopped.err;
}

}  // namespace
}  // namespace halcyon::lab_tests
