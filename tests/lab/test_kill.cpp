// kill -9 at every event of a promotion, a rollback and an install; then `resume`, or simply the next
// command.
#include <signal.h>

#include <cstdlib>
#include <filesystem>

#include "harness_project.hpp"

namespace halcyon::lab_tests {
namespace {

/// Where the program ends itself: `event:step`, as HALCYON_KILL_AT takes it.
struct Boundary {
  std::string event;
  std::string step;
  bool after_commit = false;
  bool resumes = false;  ///< resume afterwards; else the next promotion finds what is there

  std::string text() const { return event + ":" + step; }
};

void PrintTo(const Boundary& boundary, std::ostream* out) { *out << boundary.text(); }

/// Every boundary; each next one is recovered from in the other way.
std::vector<Boundary> all_boundaries() {
  std::vector<Boundary> result;
  bool after_commit = false;
  const auto add = [&](const std::string& event, const std::string& step) {
    result.push_back({event, step, after_commit, result.size() % 2 == 0});
  };
  for (const char* step : {"preflight", "resolve", "pull", "prepare", "create", "start", "gate", "declare",
                           "switch", "confirm", "drain", "retire", "prune"}) {
    if (std::string(step) == "drain") {
      after_commit = true;
      add("committed", "");
    }
    add("step_began", step);
    add("step_done", step);
  }
  // began/done would always fall to the same half: every other step's pair changes places.
  for (std::size_t index = 0; index < result.size(); ++index)
    result[index].resumes = (index + index / 2) % 2 == 0;
  return result;
}

/// Those that `matters` chooses; all of them with HALCYON_TEST_FULL=1.
std::vector<Boundary> boundaries_that(bool (*matters)(const Boundary&)) {
  std::vector<Boundary> result = all_boundaries();
  const char* full = std::getenv("HALCYON_TEST_FULL");
  if (full == nullptr || std::string_view(full) != "1")
    std::erase_if(result, [matters](const Boundary& boundary) { return !matters(boundary); });
  return result;
}

bool concerns_the_switch(const Boundary& boundary) {
  return boundary.event == "committed" || boundary.step == "declare" || boundary.step == "switch" ||
         boundary.step == "confirm";
}

bool is_behind_a_step(const Boundary& boundary) { return boundary.event != "step_began"; }

std::string name_of_boundary(const testing::TestParamInfo<Boundary>& info) {
  return info.param.event + (info.param.step.empty() ? "" : "_" + info.param.step);
}

std::string serving_tag(const json& status) {
  const std::string image = status.at("services").at(0).at("image");
  return image.substr(image.rfind(':') + 1);
}

/// One project for all boundaries of a suite: each begins where the last one ended. After a failure a new one
/// is made.
class Killed : public testing::TestWithParam<Boundary> {
 protected:
  static void TearDownTestSuite() { shared.reset(); }

  void SetUp() override {
    if (!shared) {
      for (const char* tag : {"one", "two", "three"}) release_image(tag);
      shared = std::make_unique<Project>(settings());
      ASSERT_TRUE(ended(shared->install("one"), 0, "deployed"));
      ASSERT_TRUE(ended(shared->promote("two"), 0, "deployed"));
    }
    before = shared->status();
    serving = serving_tag(before);
    for (const char* tag : {"three", "two", "one"}) {
      if (tag != serving && tag != previous_tag()) next = tag;
    }
  }

  void TearDown() override {
    if (HasFailure()) shared.reset();
  }

  virtual Settings settings() const { return {}; }

  std::string previous_tag() const {
    const json record =
        json::parse(read_file(shared->state("releases/" + before.value("previous_release", "") + ".json")),
                    nullptr, false);
    if (!record.is_object()) return "";
    const std::string image = record.at("services").at("web").at("image");
    return image.substr(image.rfind(':') + 1);
  }

  /// A second resume has nothing to do, and everything agrees.
  void expect_recovered(const std::string& tag) const {
    EXPECT_TRUE(shared->serves(tag));
    const Finished again = shared->resume();
    EXPECT_TRUE(ended(again, 0, "unchanged"));
    EXPECT_EQ(again.document.at("promotion"), "");
    EXPECT_EQ(again.document.at("notes"), json::array());
  }

  void expect_killed(const std::vector<std::string>& words, const Boundary& boundary) const {
    const Finished killed = shared->halcyon(words, {{"HALCYON_KILL_AT", boundary.text()}});
    ASSERT_EQ(killed.signal, SIGKILL) << "not built with HALCYON_FAULT_POINTS, or no such event:\n"
                                      << killed.err;
    EXPECT_NE(shared->status().at("interrupted"), "");
  }

  void expect_resumed(bool finished) const {
    const Finished resumed = shared->resume();
    EXPECT_TRUE(ended(resumed, 0, finished ? "deployed" : "unchanged"));
    EXPECT_NE(resumed.document.at("promotion"), "");
  }

  /// After a promotion to `next` was killed there: by resume, or by the next promotion. What serves now.
  std::string recover_from(const Boundary& boundary) const {
    if (boundary.resumes) {
      expect_resumed(boundary.after_commit);
    } else {
      EXPECT_TRUE(ended(shared->promote(next), 0, boundary.after_commit ? "unchanged" : "deployed"));
    }
    const std::string tag = boundary.after_commit || !boundary.resumes ? next : serving;
    expect_recovered(tag);
    return tag;
  }

  static std::unique_ptr<Project> shared;
  json before;
  std::string serving;
  std::string next;  ///< a tag that neither serves nor is kept
};
std::unique_ptr<Project> Killed::shared;

class KilledPromotion : public Killed {};
TEST_P(KilledPromotion, is_recovered_from) {
  const Boundary& boundary = GetParam();
  const auto client = shared->client({serving, next});
  expect_killed({"promote", "production", next}, boundary);
  client->wait_for_more(2);
  recover_from(boundary);
  EXPECT_TRUE(lost_nothing(client));
}
INSTANTIATE_TEST_SUITE_P(At, KilledPromotion, testing::ValuesIn(all_boundaries()), name_of_boundary);

/// The way with reloads: nginx may be told before or after the kill, or be on its way.
class KilledReload : public Killed {
 protected:
  Settings settings() const override { return {.nginx = {{"switch", quoted("reload")}}}; }
};
TEST_P(KilledReload, is_recovered_from) {
  const Boundary& boundary = GetParam();
  expect_killed({"promote", "production", next}, boundary);
  EXPECT_EQ(shared->get().status, 200);
  recover_from(boundary);
}
INSTANTIATE_TEST_SUITE_P(At, KilledReload, testing::ValuesIn(boundaries_that(concerns_the_switch)),
                         name_of_boundary);

/// Two services, one of them in two replicas, and an accessory: what was done for one of them only.
class KilledWide : public Killed {
 protected:
  Settings settings() const override {
    const std::string image = quoted(the_lab().registry + "/app");
    return {.web = {{"routes", R"(["/"])"}, {"replicas", "2"}},
            .more = "[service.zapi]\nport = 8000\nroutes = [\"/version\"]\nimage = " + image +
                    "\ngate.path = \"/readyz\"\n[service.db]\nkind = \"accessory\"\nimage = " +
                    quoted(the_lab().registry + "/app:one") + "\nvolumes = [\"data:/var/lib/data\"]\n"};
  }
};
TEST_P(KilledWide, is_recovered_from) {
  const Boundary& boundary = GetParam();
  const auto client = shared->client({serving, next});
  expect_killed({"promote", "production", next}, boundary);
  client->wait_for_more(2);
  const std::string tag = recover_from(boundary);
  EXPECT_EQ(shared->get("/version").release(), tag);
  EXPECT_TRUE(lost_nothing(client));
}
INSTANTIATE_TEST_SUITE_P(At, KilledWide, testing::ValuesIn(boundaries_that(is_behind_a_step)),
                         name_of_boundary);

class KilledRollback : public Killed {};
TEST_P(KilledRollback, is_recovered_from) {
  const Boundary& boundary = GetParam();
  const std::string target = previous_tag();
  const auto client = shared->client({serving, target, next});
  expect_killed({"rollback", "production"}, boundary);
  client->wait_for_more(2);
  if (boundary.resumes) {
    expect_resumed(boundary.after_commit);
    expect_recovered(boundary.after_commit ? target : serving);
  } else {
    EXPECT_TRUE(ended(shared->promote(next), 0, "deployed"));
    expect_recovered(next);
  }
  EXPECT_TRUE(lost_nothing(client));
}
INSTANTIATE_TEST_SUITE_P(At, KilledRollback, testing::ValuesIn(all_boundaries()), name_of_boundary);

class KilledInstall : public testing::TestWithParam<Boundary> {};
TEST_P(KilledInstall, is_recovered_from) {
  const Boundary& boundary = GetParam();
  release_image("one");
  const Project project;
  const Finished killed =
      project.halcyon({"install", "production", "one"}, {{"HALCYON_KILL_AT", boundary.text()}});
  ASSERT_EQ(killed.signal, SIGKILL) << killed.err;
  if (boundary.resumes) {
    EXPECT_TRUE(ended(project.resume(), 0, boundary.after_commit ? "deployed" : "unchanged"));
    EXPECT_TRUE(boundary.after_commit ? project.serves("one") : project.is_settled());
    if (!boundary.after_commit) {
      EXPECT_TRUE(project.containers().empty());
      EXPECT_TRUE(project.engine().list("/networks", project.app()).empty());
      EXPECT_FALSE(std::filesystem::exists(project.nginx_link()));
      EXPECT_EQ(project.status().at("current_release"), "");
    }
  } else {
    const Finished again = project.install("one");
    EXPECT_TRUE(ended(again, 0, boundary.after_commit ? "unchanged" : "deployed"));
    EXPECT_TRUE(project.serves("one"));
  }
  EXPECT_TRUE(ended(project.resume(), 0, "unchanged"));
}
INSTANTIATE_TEST_SUITE_P(At, KilledInstall, testing::ValuesIn(all_boundaries()), name_of_boundary);

/// Going back and going on can be killed, too, and are taken up again.
class KilledRecovery : public Killed {};
TEST_P(KilledRecovery, is_recovered_from) {
  const Boundary& boundary = GetParam();
  const auto client = shared->client({serving, next});
  const Boundary first = boundary.after_commit ? Boundary{"committed", ""} : Boundary{"step_done", "confirm"};
  expect_killed({"promote", "production", next}, first);
  expect_killed({"resume", "production"}, boundary);
  expect_resumed(boundary.after_commit);
  expect_recovered(boundary.after_commit ? next : serving);
  EXPECT_TRUE(lost_nothing(client));
}
INSTANTIATE_TEST_SUITE_P(
    At, KilledRecovery,
    testing::Values(Boundary{"step_undone", "switch"}, Boundary{"step_undone", "declare"},
                    Boundary{"step_undone", "start"}, Boundary{"step_undone", "create"},
                    Boundary{"step_undone", "prepare"}, Boundary{"step_undone", "pull"},
                    Boundary{"step_began", "drain", true}, Boundary{"step_done", "drain", true},
                    Boundary{"step_done", "retire", true}, Boundary{"step_done", "prune", true}),
    name_of_boundary);

}  // namespace
}  // namespace halcyon::lab_tests
