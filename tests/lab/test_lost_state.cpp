// What is not as halcyon left it: state that was lost or changed, a release that hangs, somebody else's
// things. Nothing that serves or holds data may go, and what halcyon says of it is true.
#include <filesystem>

#include "harness_nginx_file.hpp"

namespace halcyon::lab_tests {
namespace {

std::string database_accessory() {
  return "[service.db]\nkind = \"accessory\"\nimage = " + quoted(special_image("database", {})) +
         "\nstop_timeout = \"2s\"\n";
}

std::string serving_container(const Project& project) {
  return project.status().at("services").at(0).at("containers").at(0).at("name").get<std::string>();
}

/// Their process ids, as the kernel lists them.
std::string nginx_workers(const Lab& lab) {
  const std::string master = std::to_string(find_nginx_master(lab));
  return read_file("/proc/" + master + "/task/" + master + "/children");
}

/// "one" was installed, "two" serves.
class LostState : public testing::Test {
 protected:
  explicit LostState(Settings settings = {}) : project(std::move(settings)) {}
  void SetUp() override {
    release_image("one");
    release_image("two");
    ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
    ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
    before = project.containers();
  }
  std::string serving() const { return project.get("/version").release(); }

  const Project project;
  std::vector<std::string> before;
};

class LostStateWithData : public LostState {
 protected:
  LostStateWithData() : LostState({.more = database_accessory()}) {}
};

TEST_F(LostStateWithData, an_install_with_another_state_directory_touches_nothing_that_serves) {
  const std::string other = project.directory() + "/other";
  project.configure({.app = {{"state_dir", quoted(other)}}, .more = database_accessory()});
  for (const bool is_dry : {true, false}) {
    std::vector<std::string> words{"install", "production", "one"};
    if (is_dry) words.emplace_back("--dry-run");
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 2, "usage"));
    EXPECT_TRUE(says(refused, {"_web_green_r2_1", "_db", "app.state_dir", "docker rm -f"}));
  }
  EXPECT_EQ(project.containers(), before);
  EXPECT_EQ(serving(), "two");
  project.configure({.more = database_accessory()});
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostStateWithData, nor_does_one_without_the_journal) {
  const std::string kept = read_file(project.state("journal"));
  const std::string log = read_file(project.state("releases.log"));
  std::filesystem::remove(project.state("journal"));
  for (const char* verb : {"install", "promote"}) {
    const Finished refused = project.halcyon({verb, "production", "one"});
    EXPECT_TRUE(ended(refused, 3, "needs_operator"));
    EXPECT_TRUE(says(refused, {"cannot trust the journal", "releases.log tells of p2"}));
  }
  std::filesystem::remove(project.state("releases.log"));
  EXPECT_TRUE(ended(project.promote("one"), 2, "usage"));
  const Finished refused = project.install("one");
  EXPECT_TRUE(ended(refused, 2, "usage"));
  EXPECT_TRUE(says(refused, {"containers of this environment exist", "knows nothing of them"}));
  EXPECT_EQ(project.containers(), before);
  EXPECT_EQ(serving(), "two");
  write_file(project.state("journal"), kept);
  write_file(project.state("releases.log"), log);
  EXPECT_TRUE(ended(project.resume(), 0, "unchanged"));
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, an_empty_journal_is_no_installation) {
  const std::string kept = read_file(project.state("journal"));
  const std::string log = read_file(project.state("releases.log"));
  std::filesystem::remove(project.state("releases.log"));
  write_file(project.state("journal"), "");
  for (const char* verb : {"promote", "rollback", "resume"}) {
    std::vector<std::string> words{verb, "production"};
    if (words.front() == "promote") words.emplace_back("one");
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 2, "usage")) << verb;
    EXPECT_TRUE(says(refused, {"is not installed on this host", "nothing in"}));
  }
  EXPECT_EQ(serving(), "two");
  write_file(project.state("journal"), kept);
  write_file(project.state("releases.log"), log);
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, a_journal_that_lost_its_end_is_not_believed) {
  const std::string kept = read_file(project.state("journal"));
  const std::size_t first_end = kept.find('\n', kept.find(" end {"));
  write_file(project.state("journal"), kept.substr(0, first_end + 1));
  for (const char* verb : {"resume", "rollback"}) {
    const Finished refused = project.halcyon({verb, "production"});
    EXPECT_TRUE(ended(refused, 3, "needs_operator")) << verb;
    EXPECT_TRUE(says(refused, {"knows of 1 promotions", "releases.log tells of p2"}));
  }
  EXPECT_EQ(project.containers(), before);
  EXPECT_EQ(serving(), "two");
  write_file(project.state("journal"), kept);
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, without_the_record_of_the_previous_release_status_says_that_there_is_no_way_back) {
  EXPECT_EQ(project.status().at("problems"), json::array());
  std::filesystem::remove(project.state("releases/r1.json"));
  const std::string problems = project.status().at("problems").dump();
  EXPECT_NE(problems.find("no way back to r1"), std::string::npos) << problems;
  EXPECT_NE(problems.find("releases/r1.json"), std::string::npos) << problems;
}

TEST_F(LostState, without_the_record_of_what_serves_a_promotion_is_the_way_out) {
  const std::string record = project.state("releases/r2.json");
  const std::string kept = read_file(record);
  for (const std::string& damage : {std::string(), std::string("{garbled")}) {
    if (damage.empty()) {
      std::filesystem::remove(record);
    } else {
      write_file(record, damage);
    }
    const Finished status = project.halcyon({"status", "production"});
    EXPECT_TRUE(ended(status, 0, "unchanged"));
    EXPECT_NE(status.document.at("problems").dump().find(record), std::string::npos);
    const Finished releases = project.halcyon({"releases", "production"});
    EXPECT_TRUE(ended(releases, 0, "unchanged"));
    EXPECT_EQ(releases.document.at("releases").size(), 2U);
    const Finished resumed = project.resume();
    EXPECT_TRUE(ended(resumed, 3, "needs_operator"));
    EXPECT_TRUE(says(resumed, {record, "promote a tag"}));
  }
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(LostState, the_lock_holds_although_its_file_was_removed) {
  special_image("late", {"READY=after:2000"});
  const auto first = project.begin({"promote", "production", "late"});
  ASSERT_TRUE(first->wait_for_event("step_began", "gate"));
  std::filesystem::remove(project.state("lock"));
  const Finished second = project.promote("one");
  EXPECT_TRUE(ended(second, 5, "busy"));
  EXPECT_NE(project.status().at("busy"), "");
  EXPECT_TRUE(ended(first->finish(), 0, "deployed"));
  EXPECT_TRUE(project.serves("late"));
}

TEST_F(LostState, a_link_that_is_gone_is_put_back_without_a_reload) {
  const std::string workers = nginx_workers(project.lab());  // a reload brings others
  ASSERT_NE(workers, "");
  for (const bool promotes : {false, true}) {
    std::filesystem::remove(project.nginx_link());
    const auto client = project.client({"one", "two"});
    const Finished done = promotes ? project.promote("one") : project.resume();
    EXPECT_TRUE(ended(done, 0, promotes ? "deployed" : "unchanged"));
    EXPECT_NE(done.document.at("notes").dump().find("it was put back"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_symlink(project.nginx_link()));
    EXPECT_TRUE(lost_nothing(client));
  }
  EXPECT_EQ(nginx_workers(project.lab()), workers);
  EXPECT_TRUE(nginx_accepts(project.lab()));
  EXPECT_TRUE(project.serves("one"));
}

TEST_F(LostState, a_domain_that_another_application_has_is_refused) {
  const Project other({.environment = {{"domain", quoted(project.host())}}});
  const auto client = project.client({"two"});
  const Finished refused = other.install("one");
  EXPECT_TRUE(ended(refused, 1, "aborted"));
  EXPECT_TRUE(says(refused, {"another server block answers for a name of ours", project.host(),
                             "conflicting server name"}));
  EXPECT_FALSE(std::filesystem::exists(other.nginx_link()));
  EXPECT_TRUE(lost_nothing(client));
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, a_release_that_hangs_can_be_rolled_back_and_promoted_over) {
  for (const bool paused : {false, true}) {
    const std::string hung = serving_container(project);
    project.engine().post("/containers/" + hung + (paused ? "/pause" : "/kill?signal=STOP"));
    const json problems = project.status().at("problems");
    EXPECT_NE(problems.dump().find(paused ? hung + " is paused" : "web did not"), std::string::npos)
        << problems;
    const Finished done = paused ? project.promote("two") : project.rollback();
    EXPECT_TRUE(ended(done, 0, "deployed"));
    EXPECT_TRUE(project.serves(paused ? "two" : "one"));
  }
}

TEST_F(LostState, a_paused_container_goes_on_after_resume) {
  project.engine().post("/containers/" + serving_container(project) + "/pause");
  const Finished resumed = project.resume();
  EXPECT_TRUE(ended(resumed, 0, "unchanged"));
  EXPECT_NE(resumed.document.at("notes").dump().find("it was continued"), std::string::npos);
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, something_else_in_the_place_of_a_flag_is_no_obstacle) {
  ASSERT_TRUE(ended(project.promote("one"), 0, "deployed"));  // serves in blue
  std::filesystem::create_directory(project.state("gate/slots/web.green"));
  EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, status_names_a_container_that_stands_still_or_is_gone_and_resume_brings_it_back) {
  const std::string name = serving_container(project);
  const auto only_problem = [&] {
    const json problems = project.status().at("problems");
    EXPECT_EQ(problems.size(), 1U) << problems;
    return problems.empty() ? std::string() : problems.at(0).get<std::string>();
  };
  project.engine().post("/containers/" + name + "/kill");
  ASSERT_TRUE(wait_until([&] { return project.containers() != before; }));
  EXPECT_EQ(only_problem(), name +
                                " has exited with code 137: nginx gets no answer from it. Run halcyon resume "
                                "production to bring it up");
  const Finished started = project.resume();
  EXPECT_TRUE(ended(started, 0, "unchanged"));
  EXPECT_EQ(started.document.at("notes").at(0), name + " serves web but had exited; it was started");
  EXPECT_TRUE(project.serves("two"));
  ASSERT_TRUE(project.engine().remove("/containers/" + name + "?force=1"));
  EXPECT_EQ(
      only_problem(),
      name + " is not there: nginx gets no answer from it. Run halcyon resume production to bring it up");
  EXPECT_TRUE(ended(project.resume(), 0, "unchanged"));
  EXPECT_TRUE(project.serves("two"));
}

TEST_F(LostState, a_service_that_serves_and_left_the_configuration_keeps_its_route) {
  std::string text = read_file(project.file());
  for (auto at = text.find("[service.web"); at != std::string::npos; at = text.find("[service.web", at + 1)) {
    text.replace(at, 12, "[service.wob");
  }
  write_file(project.file(), text);
  const Finished refused = project.resume();
  EXPECT_TRUE(ended(refused, 2, "usage"));
  EXPECT_TRUE(says(refused, {"web serves there", "Put [service.web] back"}));
  EXPECT_EQ(serving(), "two");
  EXPECT_NE(project.status().at("problems").dump().find("web serves and is no web service"),
            std::string::npos);
  EXPECT_TRUE(ended(project.halcyon({"install", "production"}), 0, "unchanged"));
  EXPECT_EQ(serving(), "two");
  EXPECT_TRUE(ended(project.promote("one"), 0, "deployed"));
  EXPECT_EQ(serving(), "one") << "a promotion takes it out of service in order";
  EXPECT_TRUE(project.is_settled());
}

TEST_F(LostState, status_says_that_nginx_does_something_else) {
  std::filesystem::remove(project.state("gate/slots/web.green"));
  EXPECT_NE(project.status().at("problems").dump().find("nginx sends web to blue, but green should serve"),
            std::string::npos);
  EXPECT_TRUE(ended(project.resume(), 0, "unchanged"));
  EXPECT_EQ(project.status().at("problems").size(), 0U);
  EXPECT_TRUE(project.serves("two"));
}

TEST(ForeignNetwork, on_the_subnet_that_was_given_is_named) {
  const Project project({.environment = {{"subnet", quoted("10.209.77.0/24")}}});
  release_image("one");
  const std::string name = project.app() + "-foreign";
  project.engine().post("/networks/create",
                        {{"Name", name}, {"IPAM", {{"Config", {{{"Subnet", "10.209.77.0/24"}}}}}}});
  const Finished refused = project.install("one");
  EXPECT_TRUE(ended(refused, 1, "aborted"));
  EXPECT_TRUE(says(refused, {"10.209.77.0/24", "overlaps with the network " + name, "docker network rm"}));
  EXPECT_TRUE(project.engine().remove("/networks/" + name));
  EXPECT_TRUE(ended(project.install("one"), 0, "deployed"));
}

}  // namespace
}  // namespace halcyon::lab_tests
