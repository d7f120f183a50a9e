// The two ways into nginx, and from one to the other: nginx is never told to load a configuration without us.
#include <filesystem>

#include "harness_fixture.hpp"
#include "harness_nginx_file.hpp"

namespace halcyon::lab_tests {
namespace {

Settings managed() { return {}; }

Settings include_mode() {
  const std::string probe = "127.0.0.1:" + std::to_string(the_lab().nginx_port);
  return {.nginx = {{"mode", quoted("include")}, {"listen", ""}, {"probe", quoted(probe)}}};
}

std::string http_line(const Project& project) { return "include " + project.state("gate/http.conf") + ";"; }
std::string server_line(const Project& project) {
  return "include " + project.state("gate/server.conf") + ";";
}
std::string location_line(const Project& project, const std::string& route = "/",
                          const std::string& service = "web") {
  return "location " + route + " { include " + project.state("gate/location_" + service + ".conf") + "; }";
}

/// The team's own server block, with all that we ask for.
std::string including_block(const Project& project, const std::string& more = "") {
  return http_line(project) + "\n" +
         server_block(project, "  add_header X-Team yes;\n  " + server_line(project) + "\n  " +
                                   location_line(project) + "\n" + more);
}

bool is_link(const std::string& path) {
  return std::filesystem::is_symlink(std::filesystem::symlink_status(path));
}

class Inclusion : public testing::Test {
 protected:
  Inclusion() {
    release_image("one");
    release_image("two");
  }
};

TEST_F(Inclusion, a_first_install_says_what_to_include_and_works_when_that_is_done) {
  const Project project(include_mode());
  {
    // The team's own server block as it was before: a first release must not be believed to serve.
    const NginxFile own(project, "team-", server_block(project, "  location / { return 200 foreign; }\n"));
    ASSERT_TRUE(reload_nginx(the_lab()));
    ASSERT_EQ(project.get().body, "foreign");
    const Finished alone = project.install("one");
    EXPECT_TRUE(ended(alone, 1, "aborted"));
    EXPECT_TRUE(says(alone, {"nginx was not reloaded", http_line(project), server_line(project),
                             location_line(project), "run the command again"}));
    EXPECT_TRUE(project.containers().empty());
    EXPECT_EQ(project.get().body, "foreign");
  }
  const NginxFile own(project, "team-", including_block(project));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_FALSE(std::filesystem::exists(project.state("awaiting_inclusion")));
  EXPECT_EQ(project.get().headers["x-team"], "yes");
  const auto client = project.client({"one", "two"});
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(Inclusion, lines_that_stand_there_before_the_files_do_are_no_obstacle) {
  const Project project(include_mode());
  const NginxFile own(project, "team-", including_block(project));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(Inclusion, only_the_line_that_is_missing_is_asked_for) {
  const Project project(include_mode());
  {
    const NginxFile own(
        project, "team-",
        http_line(project) + "\n" + server_block(project, "  " + server_line(project) + "\n"));
    const Finished failed = project.install("one");
    EXPECT_TRUE(ended(failed, 1, "aborted"));
    EXPECT_TRUE(says(failed, {"in your server block: " + location_line(project)}));
    EXPECT_FALSE(says(failed, {http_line(project)}));
    EXPECT_TRUE(project.containers().empty());
  }
  const NginxFile own(project, "team-", including_block(project));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(Inclusion, a_name_of_ours_that_nginx_does_not_know_asks_for_all_lines) {
  const Project project(include_mode());
  EXPECT_TRUE(ended(project.install("one"), 1, "aborted"));
  const NginxFile own(
      project, "team-",
      http_line(project) + "\n" + server_block(project, "  " + location_line(project) + "\n"));
  for (int times = 0; times < 2; ++times) {
    const Finished refused = project.install("one");
    EXPECT_TRUE(ended(refused, 1, "aborted"));
    EXPECT_TRUE(
        says(refused, {"/gate/http.conf;", "/gate/server.conf;", "/gate/location_web.conf;", "one of ours"}));
  }
}

TEST_F(Inclusion, a_server_block_that_does_not_answer_there_is_told) {
  const Project project(include_mode());
  std::string elsewhere = including_block(project);
  elsewhere.replace(elsewhere.find(project.host()), project.host().size(), "other.test");
  const NginxFile own(project, "team-", elsewhere);
  const Finished failed = project.install("one");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"must be included in the server block that answers for " + project.host(),
                            "does another server block have that name"}));
  EXPECT_TRUE(project.containers().empty());
}

TEST_F(Inclusion, a_location_whose_own_header_hides_ours_is_told) {
  const Project project(include_mode());
  const std::string location =
      "location / { add_header X-Team location; include " + project.state("gate/location_web.conf") + "; }";
  {
    const NginxFile own(project, "team-",
                        http_line(project) + "\n" +
                            server_block(project, "  " + server_line(project) + "\n  " + location + "\n"));
    const Finished failed = project.install("one");
    EXPECT_TRUE(ended(failed, 1, "aborted"));
    EXPECT_TRUE(says(failed, {"add_header of its own", "location_SERVICE.conf shows"}));
    EXPECT_TRUE(project.containers().empty());
  }
  const NginxFile own(project, "team-", including_block(project));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(Inclusion, a_new_service_asks_for_its_location_while_the_old_release_serves) {
  const Project project(include_mode());
  const std::string more = "[service.api]\nimage = " + quoted(the_lab().registry + "/app") +
                           "\nport = 8000\nroutes = [\"/api/\"]\ngate.path = \"/readyz\"\n";
  {
    const NginxFile own(project, "team-", including_block(project));
    ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
    const auto client = project.client({"one"});
    Settings settings = include_mode();
    settings.more = more;
    project.configure(settings);
    const Finished failed = project.promote("two");
    EXPECT_TRUE(ended(failed, 1, "aborted"));
    EXPECT_TRUE(says(failed, {location_line(project, "/api/", "api")}));
    EXPECT_FALSE(says(failed, {location_line(project)}));
    EXPECT_EQ(failed.err.find("nginx is reloaded"), std::string::npos) << failed.err;
    EXPECT_TRUE(ended(project.promote("two"), 1, "aborted"));  // and again, as long as it is not there
    EXPECT_TRUE(lost_nothing(client));
  }
  const NginxFile own(project, "team-",
                      including_block(project, "  " + location_line(project, "/api/", "api") + "\n"));
  EXPECT_TRUE(nginx_accepts(the_lab()));  // a restart of nginx in between would bring it back
  const Finished promoted = project.promote("two");
  EXPECT_TRUE(ended(promoted, 0, "deployed"));
  EXPECT_NE(promoted.err.find("nginx is reloaded"), std::string::npos) << promoted.err;
  EXPECT_TRUE(project.serves("two"));
  EXPECT_EQ(project.get("/api/").release(), "two");
}

TEST_F(Inclusion, a_running_environment_moves_from_the_managed_block_to_the_teams_and_back) {
  const Project project(managed());
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  // Without a reload nobody notices; a reload closes idle connections, so nobody keeps one from there on.
  const auto client = project.client({"one"});
  project.configure(include_mode());
  const Finished failed = project.promote("two");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"nginx was not reloaded", http_line(project), server_line(project),
                            location_line(project), project.nginx_link(), "serves on"}));
  EXPECT_TRUE(is_link(project.nginx_link()));
  EXPECT_TRUE(nginx_accepts(the_lab()));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(lost_nothing(client));
  {
    const NginxFile own(project, "team-", including_block(project));
    EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
    EXPECT_FALSE(is_link(project.nginx_link()));
    EXPECT_FALSE(std::filesystem::exists(project.state("gate/managed.conf")));
    EXPECT_TRUE(nginx_accepts(the_lab()));
    EXPECT_EQ(project.get().headers["x-team"], "yes");
    EXPECT_TRUE(project.serves("two"));
    project.configure(managed());
    const Finished twice = project.promote("one");
    EXPECT_TRUE(ended(twice, 1, "aborted"));
    EXPECT_TRUE(says(twice, {"nginx.mode is \"managed\" now", "take the lines that include"}));
    EXPECT_TRUE(project.serves("two"));
  }
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(is_link(project.nginx_link()));
  EXPECT_FALSE(std::filesystem::exists(project.state("gate/http.conf")));
  EXPECT_EQ(project.get().headers.count("x-team"), 0U);
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(Inclusion, a_conf_dir_that_nginx_does_not_read_is_told_before_a_reload) {
  const std::string elsewhere = the_lab().directory + "/elsewhere";
  std::filesystem::create_directories(elsewhere);
  const Project project({.nginx = {{"conf_dir", quoted(elsewhere)}}});
  const Finished failed = project.install("one");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"nginx was not reloaded", "does not include " + elsewhere, "nginx.conf_dir"}));
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
  EXPECT_TRUE(project.containers().empty());
  std::filesystem::remove(elsewhere);
}

}  // namespace
}  // namespace halcyon::lab_tests
