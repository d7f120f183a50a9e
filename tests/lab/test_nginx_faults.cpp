// What can be wrong with nginx: it is noticed, and never a false success.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "harness_fixture.hpp"
#include "harness_nginx_file.hpp"

namespace halcyon::lab_tests {
namespace {

class NginxFault : public OneServes {
 protected:
  void expect_refused(std::initializer_list<std::string_view> words) const {
    release_image("two");
    const Finished failed = project.promote("two");
    EXPECT_TRUE(ended(failed, 1, "aborted"));
    EXPECT_TRUE(says(failed, words));
    EXPECT_EQ(project.status().at("interrupted"), "");
    EXPECT_EQ(project.status().at("current_release"), before.at("current_release"));
  }
};

TEST_F(NginxFault, a_broken_file_of_somebody_else_is_named) {
  {
    const NginxFile broken(project, "zz-", "server { no_such_directive on; }\n");
    expect_refused({"nginx does not accept its configuration", the_lab().nginx_conf, "no_such_directive",
                    broken.path(), "mend the file it names"});
  }
  expect_promotion_works();
}

TEST_F(NginxFault, a_gate_directory_that_workers_cannot_read_is_noticed) {
  ::chmod(project.state("gate").c_str(), 0700);
  const Finished planned = project.halcyon({"promote", "production", "two", "--dry-run"});
  EXPECT_TRUE(ended(planned, 1, "aborted"));
  // promote gives the directory its mode back before it looks; a parent that is none of ours stays closed.
  ::chmod(project.state("gate").c_str(), 0755);
  ::chmod(project.directory().c_str(), 0700);
  expect_refused({"workers cannot see " + project.state("gate/canary"), "no flag there would have any effect",
                  "chmod 0711", "chmod 0755"});
  ::chmod(project.directory().c_str(), 0755);
}

TEST_F(NginxFault, a_flag_put_there_by_hand_is_noticed_and_resume_puts_it_right) {
  stop_client();
  write_file(project.state("gate/slots/web.green"), "");
  EXPECT_NE(project.get().status, 200);
  expect_refused(
      {"nginx sends web to green, but blue should serve", "changed by hand", "halcyon resume production"});
  const Finished resumed = project.resume();
  EXPECT_TRUE(ended(resumed, 0, "unchanged"));
  EXPECT_NE(resumed.document.at("notes").dump().find("the flag of web"), std::string::npos);
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(NginxFault, a_flag_taken_away_by_hand_is_noticed_too) {
  promote_two();
  std::filesystem::remove(project.state("gate/slots/web.green"));
  const Finished failed = project.promote("one");
  EXPECT_TRUE(ended(failed, 1, "aborted"));
  EXPECT_TRUE(says(failed, {"nginx sends web to blue, but green should serve", "halcyon resume production"}));
  EXPECT_TRUE(ended(project.resume(), 0, "unchanged"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
}

TEST_F(NginxFault, a_serving_container_stopped_by_hand_is_started_by_resume) {
  stop_client();
  project.engine().post(
      "/containers/" +
      project.status().at("services").at(0).at("containers").at(0).at("name").get<std::string>() + "/stop");
  const Finished resumed = project.resume();
  EXPECT_TRUE(ended(resumed, 0, "unchanged"));
  EXPECT_NE(resumed.document.at("notes").dump().find("it was started"), std::string::npos);
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(NginxFault, an_nginx_that_does_not_run_is_noticed) {
  stop_client();
  const int master = find_nginx_master(the_lab());
  ::kill(master, SIGQUIT);
  ASSERT_TRUE(wait_until([] { return find_nginx_master(the_lab()) == 0; }));
  expect_refused({"nginx is not running", the_lab().nginx_pid_file, "Start it", "nginx.pid_file"});
  ASSERT_EQ(run_lab({"restart", the_lab().directory, "nginx"}), 0);
  EXPECT_TRUE(project.serves("one"));
  expect_promotion_works();
}

TEST_F(NginxFault, another_server_block_for_the_domain_is_noticed) {
  stop_client();
  {
    const NginxFile foreign(project, "aa-", server_block(project, "  location / { return 200 foreign; }\n"));
    ASSERT_TRUE(reload_nginx(the_lab()));
    ASSERT_EQ(project.get().body, "foreign");
    expect_refused(
        {"did not come from our server block", "another one answers for this host", project.host()});
  }
  ASSERT_TRUE(reload_nginx(the_lab()));
}

TEST(ReloadMode, switches_forth_and_back_by_reloading) {
  const Project project({.nginx = {{"switch", quoted("reload")}}});
  release_image("one");
  release_image("two");
  special_image("never-ready", {"READY=never"});
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
  EXPECT_FALSE(std::filesystem::exists(project.state("gate/slots/web.green")));
  EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
  project.configure({.nginx = {{"switch", quoted("reload")}}, .gate = {{"deadline", quoted("300ms")}}});
  EXPECT_TRUE(ended(project.promote("never-ready"), 1, "aborted"));
  EXPECT_TRUE(project.serves("one"));
}

}  // namespace
}  // namespace halcyon::lab_tests
