// Many switches under load: nothing lost, nothing wrong, nothing twice.
#include <fstream>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

/// The load generator beside the test.
class Load {
 public:
  Load(const Project& project, const std::vector<std::string>& kinds, const std::string& releases)
      : posts_(project.directory() + "/posts"), failures_(project.directory() + "/failures") {
    Program program{.words = {needed_variable("HALCYON_LOAD"), "--url",
                              "http://127.0.0.1:" + std::to_string(project.lab().nginx_port), "--host",
                              project.host(), "--expect-header", "X-Release=" + releases, "--posts", posts_,
                              "--record-lost", failures_, "--until-stdin-closes"},
                    .keeps_stdin = true};
    program.words.insert(program.words.end(), kinds.begin(), kinds.end());
    running_ = std::make_unique<Running>(program);
  }
  /// Its report.
  json finish() {
    running_->close_stdin();
    const Finished finished = running_->finish();
    if (!finished.document.is_object()) return {{"ok", false}, {"error", finished.err}};
    json report = finished.document;
    report["failures"] = read_file(failures_);
    return report;
  }
  const std::string& posts() const noexcept { return posts_; }

 private:
  const std::string posts_;
  const std::string failures_;
  std::unique_ptr<Running> running_;
};

const std::vector<std::string> k_mixed{"--keepalive", "32",     "--think",     "0-20",   "--fresh",
                                       "50",          "--post", "50",          "--slow", "10",
                                       "--slow-ms",   "200",    "--websocket", "2"};

void expect_all_answered(const json& report, std::uint64_t least) {
  EXPECT_EQ(report.at("ok"), true) << report.dump(2);
  EXPECT_EQ(report.at("lost"), 0) << report.dump(2);
  EXPECT_EQ(report.at("wrong"), 0) << report.dump(2);
  EXPECT_EQ(report.at("truncated"), 0) << report.dump(2);
  EXPECT_GE(report.at("answered"), least);
}

void append_log(const Project& project, const std::string& short_form, const std::string& path) {
  std::ofstream(path, std::ios::app) << project.engine().read_log(project.inspect(short_form).at("Id"));
}

TEST(Traffic, twenty_switches_under_load_lose_nothing_and_repeat_nothing) {
  // A WebSocket to the old release would hold its drain for ever: it is cut after this time, and counted
  // apart.
  const Project project({.nginx = {{"upstream_keepalive", ""}}, .web = {{"drain_max", quoted("400ms")}}});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  Load load(project, k_mixed, "one,two");
  const std::string logged = project.directory() + "/logged";
  std::uint64_t counted = 0;
  for (int release = 2; release <= 21; ++release) {
    const Finished promoted = project.promote(release % 2 == 0 ? "two" : "one");
    ASSERT_TRUE(ended(promoted, 0, "deployed"));
    EXPECT_EQ(promoted.document.at("requests").at("failed"), 0);
    counted += promoted.document.at("requests").at("total").get<std::uint64_t>();
    // Its log is complete now, and goes with the container when the next promotion is done.
    append_log(project, (release % 2 == 0 ? "web blue r" : "web green r") + std::to_string(release - 1),
               logged);
  }
  const json report = load.finish();
  expect_all_answered(report, 2'000);
  EXPECT_EQ(report.at("releases").size(), 2U);
  EXPECT_GT(counted, 1'000U);
  append_log(project, "web blue r21", logged);
  const Finished posts = run({.words = {needed_variable("HALCYON_LOAD"), "check-posts", "--sent",
                                        load.posts(), "--logged", logged}});
  EXPECT_EQ(posts.exit_code, 0) << posts.out << posts.err;
  EXPECT_GT(posts.document.at("answered"), 100);
  EXPECT_EQ(posts.document.at("duplicated"), 0);
  EXPECT_EQ(posts.document.at("answered_but_never_logged"), 0);
  EXPECT_TRUE(project.serves("one"));
}

TEST(Traffic, rollbacks_under_load_lose_nothing) {
  const Project project({.web = {{"drain_max", quoted("400ms")}}});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  ASSERT_TRUE(ended(project.promote("two"), 0, "deployed"));
  Load load(project, k_mixed, "one,two");
  for (int times = 0; times < 4; ++times) ASSERT_TRUE(ended(project.rollback(), 0, "deployed"));
  expect_all_answered(load.finish(), 400);
  EXPECT_TRUE(project.serves("two"));
}

TEST(Traffic, uploads_that_end_after_the_switch_are_answered_once) {
  const Project project({.web = {{"drain_max", quoted("2s")}}});
  release_image("one");
  release_image("two");
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  Load load(project, {"--upload", "30", "--upload-ms", "400"}, "one,two");
  for (const char* tag : {"two", "one", "two"}) {
    ASSERT_TRUE(ended(project.promote(tag), 0, "deployed"));
    const std::string replaced = project.status().at("previous_release");
    append_log(project, (replaced == "r2" ? "web green " : "web blue ") + replaced,
               project.directory() + "/logged");
  }
  expect_all_answered(load.finish(), 30);
  append_log(project, "web green r4", project.directory() + "/logged");
  const Finished posts = run({.words = {needed_variable("HALCYON_LOAD"), "check-posts", "--sent",
                                        load.posts(), "--logged", project.directory() + "/logged"}});
  EXPECT_EQ(posts.exit_code, 0) << posts.out << posts.err;
  EXPECT_TRUE(project.serves("two"));
}

TEST(Traffic, failing_promotions_under_load_lose_nothing) {
  const Project project({.gate = {{"deadline", quoted("300ms")}}});
  release_image("one");
  special_image("never-ready", {"READY=never"});
  special_image("exits-at-once", {"EXIT=at_once", "EXIT_CODE=7"});
  ASSERT_TRUE(ended(project.install("one"), 0, "deployed"));
  Load load(project, k_mixed, "one");
  for (const char* tag : {"never-ready", "exits-at-once"})
    ASSERT_TRUE(ended(project.promote(tag), 1, "aborted"));
  expect_all_answered(load.finish(), 200);
  EXPECT_TRUE(project.serves("one"));
}

}  // namespace
}  // namespace halcyon::lab_tests
