// doctor: each difference between the journal and the world is seen, explained, and, where it is ours,
// repaired.
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "harness_nginx_file.hpp"

namespace halcyon::lab_tests {
namespace {

/// The finding on that subject; null if there is none.
json find_finding(const Finished& examined, const std::string& subject) {
  for (const json& finding : examined.document.at("findings")) {
    if (finding.at("subject") == subject) return finding;
  }
  return nullptr;
}

/// "dr1" was installed, "dr2" serves.
class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    special_image("dr1", {"RELEASE=dr1"});
    special_image("dr2", {"RELEASE=dr2"});
    ASSERT_TRUE(ended(project.install("dr1"), 0, "deployed"));
    ASSERT_TRUE(ended(project.promote("dr2"), 0, "deployed"));
  }

  Finished examine() const { return project.halcyon({"doctor", "production"}); }
  Finished fix() const { return project.halcyon({"doctor", "production", "--fix"}); }
  std::string container(const std::string& slot, const std::string& release) const {
    return project.app() + "_production_web_" + slot + '_' + release + "_1";
  }

  /// Seen, with those words, and nothing was changed by looking; then repaired.
  void expect_repaired(const std::string& subject, const std::string& words) const {
    const Finished seen = examine();
    EXPECT_TRUE(ended(seen, 7, "check_failed")) << subject;
    const json finding = find_finding(seen, subject);
    ASSERT_FALSE(finding.is_null()) << subject << " of " << seen.document.dump(2);
    EXPECT_EQ(finding.at("agreement"), "differs") << finding.dump(2);
    EXPECT_EQ(finding.at("repairable"), true) << finding.dump(2);
    EXPECT_NE(finding.at("text").get<std::string>().find(words), std::string::npos) << finding.dump(2);
    const Finished repaired = fix();
    EXPECT_TRUE(ended(repaired, 0, "unchanged")) << subject << ": " << repaired.document.dump(2);
    EXPECT_TRUE(project.serves("dr2")) << subject;
  }

  const Project project;
};

TEST_F(Doctor, finds_nothing_where_nothing_is) {
  const Finished examined = examine();
  EXPECT_TRUE(ended(examined, 0, "unchanged")) << examined.document.dump(2);
  for (const char* subject :
       {"storage", "directories", "journal", "promotion", "releases", "caches", "flags", "leftovers",
        "engine", "network", "containers", "other containers", "images", "nginx", "traffic"})
    EXPECT_FALSE(find_finding(examined, subject).is_null()) << subject;
  EXPECT_NE(find_finding(examined, "engine").at("text").get<std::string>().find("live-restore is off"),
            std::string::npos);
  const Finished again = fix();
  EXPECT_TRUE(ended(again, 0, "unchanged"));
  EXPECT_EQ(again.document.at("notes"), json::array());
}

TEST_F(Doctor, repairs_files) {
  const std::string green = project.state("gate/slots/web.green");
  const std::map<std::string, std::pair<std::string, std::function<void()>>> damages{
      {"caches", {"current_release", [&] { write_file(project.state("current_release"), "r9\n"); }}},
      {"flags", {"does not say green", [&] { std::filesystem::remove(green); }}},
      {"directories", {"has mode 0777", [&] { ::chmod(project.state("secrets").c_str(), 0777); }}},
      {"leftovers",
       {".x.halcyon-tmp.1.1", [&] { write_file(project.state("releases/.x.halcyon-tmp.1.1"), "half"); }}},
      {"journal",
       {"not written to its end",
        [&] { write_file(project.state("journal"), read_file(project.state("journal")) + "v1 0000"); }}},
  };
  for (const auto& [subject, damage] : damages) {
    damage.second();
    expect_repaired(subject, damage.first);
    std::filesystem::remove(project.state("journal.torn.1"));
  }
}

TEST_F(Doctor, repairs_containers) {
  const std::string serving = container("green", "r2");
  project.engine().post("/containers/" + serving + "/kill");
  expect_repaired("containers", serving + " is exited");
  ASSERT_TRUE(project.engine().remove("/containers/" + serving + "?force=1"));
  expect_repaired("containers", serving + " is not there");
  // The one of before comes up, as if by hand: it would be asked once its slot is switched to.
  project.engine().post("/containers/" + container("blue", "r1") + "/start");
  expect_repaired("other containers", container("blue", "r1") + " (running)");
}

TEST_F(Doctor, repairs_the_network_and_brings_images_again) {
  const std::string serving = container("green", "r2");
  const std::string network = project.app() + "_production";
  ASSERT_TRUE(project.engine().remove("/containers/" + serving + "?force=1"));
  ASSERT_TRUE(project.engine().remove("/containers/" + container("blue", "r1") + "?force=1"));
  ASSERT_TRUE(project.engine().remove("/networks/" + network));
  for (const char* release : {"r1", "r2"}) {
    const json record = json::parse(read_file(project.state("releases/" + std::string(release) + ".json")));
    const std::string image = record.at("services").at("web").at("image_id").get<std::string>();
    ASSERT_TRUE(project.engine().remove("/images/" + image + "?force=1")) << release;
  }
  const Finished seen = examine();
  EXPECT_EQ(find_finding(seen, "network").at("agreement"), "differs");
  expect_repaired("images", "not at the engine");
}

TEST_F(Doctor, stops_all_changes_after_a_failed_disk_until_everything_was_read_back) {
  write_file(project.state("storage_failed"),
             "2026-11-27T10:00:00.000Z fdatasync failed: Input/output error\n");
  const std::vector<std::string> before = project.containers();
  for (const std::vector<std::string>& words : {std::vector<std::string>{"promote", "production", "dr1"},
                                                {"rollback", "production"},
                                                {"resume", "production"},
                                                {"install", "production"}}) {
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 3, "needs_operator")) << words.front();
    EXPECT_TRUE(says(refused, {"Input/output error", "halcyon doctor production --fix"}));
  }
  EXPECT_EQ(project.containers(), before);
  EXPECT_EQ(project.get("/version").release(), "dr2");
  struct stat old {};
  ASSERT_EQ(::stat(project.state("journal").c_str(), &old), 0);
  expect_repaired("storage", "Input/output error");
  struct stat written {};
  ASSERT_EQ(::stat(project.state("journal").c_str(), &written), 0);
  EXPECT_NE(old.st_ino, written.st_ino) << "a file of its own";
  EXPECT_TRUE(ended(project.promote("dr1"), 0, "deployed"));
  EXPECT_TRUE(project.serves("dr1"));
}

TEST_F(Doctor, never_guesses_what_a_damaged_journal_said) {
  const std::string path = project.state("journal");
  const std::string kept = read_file(path);
  std::string flipped = kept;
  flipped[flipped.find("\"step\":\"create\"")] ^= 1;
  write_file(path, flipped);
  const Finished seen = examine();
  EXPECT_TRUE(ended(seen, 7, "check_failed"));
  EXPECT_EQ(find_finding(seen, "journal").at("repairable"), false);
  EXPECT_TRUE(find_finding(seen, "containers").is_null()) << "there is nothing to compare them with";
  EXPECT_TRUE(ended(fix(), 3, "needs_operator"));
  EXPECT_EQ(read_file(path), flipped);
  EXPECT_EQ(project.get("/version").release(), "dr2");
  write_file(path, kept);
  EXPECT_TRUE(ended(examine(), 0, "unchanged"));
}

TEST(DoctorWithout, an_installation_is_refused) {
  const Project project;
  for (const bool fixes : {false, true}) {
    std::vector<std::string> words{"doctor", "production"};
    if (fixes) words.emplace_back("--fix");
    const Finished refused = project.halcyon(words);
    EXPECT_TRUE(ended(refused, 2, "usage"));
    EXPECT_TRUE(says(refused, {"is not installed on this host", "halcyon install production TAG"}));
  }
}

}  // namespace
}  // namespace halcyon::lab_tests
