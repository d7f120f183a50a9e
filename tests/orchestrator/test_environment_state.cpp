#include "orchestrator/environment_state.hpp"

#include <gtest/gtest.h>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

/// Folds records as they would stand in a journal.
class StateBuilder {
 public:
  StateBuilder& add(RecordType type, std::string body) {
    fold(state, {++sequence_, "2026-11-20T10:00:00.000Z", type, std::move(body)});
    return *this;
  }
  /// A whole promotion to `release` in `slot`, committed and ended.
  StateBuilder& promote(const std::string& id, const std::string& release, Slot slot) {
    OpenPromotion open;
    open.id = id;
    open.release = release;
    open.actor = "root";
    add(RecordType::begin, begin_body(open));
    add(RecordType::commit, commit_body(release, {{"web", {slot, release}}}));
    return add(RecordType::end, end_body("deployed", ""));
  }
  EnvironmentState state;

 private:
  std::uint64_t sequence_ = 0;
};

TEST(EnvironmentState, nothing_is_installed_before_the_first_record) {
  const EnvironmentState state = fold_all({});
  EXPECT_FALSE(state.installed);
  EXPECT_TRUE(state.current.empty());
  EXPECT_EQ(state.next_release, 1U);
}

TEST(EnvironmentState, a_commit_makes_the_old_current_the_previous) {
  StateBuilder journal;
  journal.promote("p1", "r1", Slot::blue).promote("p2", "r2", Slot::green);
  EXPECT_EQ(journal.state.current, "r2");
  EXPECT_EQ(journal.state.previous, "r1");
  EXPECT_EQ(journal.state.placements.at("web"), (Placement{Slot::green, "r2"}));
  EXPECT_EQ(journal.state.previous_placements.at("web"), (Placement{Slot::blue, "r1"}));
}

TEST(EnvironmentState, a_release_in_the_containers_of_the_one_before_keeps_the_way_back) {
  StateBuilder journal;
  journal.promote("p1", "r1", Slot::blue).promote("p2", "r2", Slot::green);
  journal.add(RecordType::begin, begin_body({.id = "p3", .release = "r3", .actor = "root"}));
  journal.add(RecordType::commit, commit_body("r3", {{"web", {Slot::green, "r2"}}}));
  journal.add(RecordType::end, end_body("deployed", ""));
  EXPECT_EQ(journal.state.current, "r3");
  EXPECT_EQ(journal.state.previous, "r1");
  EXPECT_EQ(journal.state.previous_placements.at("web"), (Placement{Slot::blue, "r1"}));
}

TEST(EnvironmentState, a_rollback_swaps_current_and_previous_and_counts_no_release_twice) {
  StateBuilder journal;
  journal.promote("p1", "r1", Slot::blue).promote("p2", "r2", Slot::green).promote("p3", "r1", Slot::blue);
  EXPECT_EQ(journal.state.current, "r1");
  EXPECT_EQ(journal.state.previous, "r2");
  EXPECT_EQ(journal.state.releases.size(), 2U);
}

TEST(EnvironmentState, a_promotion_is_open_until_its_end_and_only_a_commit_changes_what_serves) {
  StateBuilder journal;
  journal.promote("p1", "r1", Slot::blue);
  OpenPromotion open;
  open.id = "p2";
  open.release = "r2";
  journal.add(RecordType::begin, begin_body(open)).add(RecordType::began, step_body(StepId::create));
  ASSERT_TRUE(journal.state.open);
  EXPECT_FALSE(journal.state.open->committed);
  EXPECT_EQ(journal.state.open->marks[static_cast<std::size_t>(StepId::create)], Mark::began);
  EXPECT_EQ(journal.state.current, "r1");
  journal.add(RecordType::undoing, step_body(StepId::create))
      .add(RecordType::undone, step_body(StepId::create));
  journal.add(RecordType::end, end_body("aborted", "gate"));
  EXPECT_FALSE(journal.state.open);
  EXPECT_EQ(journal.state.current, "r1");
}

TEST(EnvironmentState, the_number_of_an_aborted_release_is_not_given_out_again) {
  StateBuilder journal;
  OpenPromotion open;
  open.id = "p1";
  open.release = "r1";
  journal.add(RecordType::begin, begin_body(open)).add(RecordType::end, end_body("aborted", ""));
  EXPECT_EQ(journal.state.next_release, 2U);
  EXPECT_EQ(journal.state.next_promotion, 2U);
}

TEST(EnvironmentState, a_promotion_that_ended_is_one_line_of_releases_log) {
  StateBuilder journal;
  OpenPromotion open;
  open.id = "p4";
  open.release = "r4";
  open.actor = "anna";
  journal.add(RecordType::begin, begin_body(open));
  journal.add(RecordType::end, end_body("aborted", "the gate did not hold\nmore",
                                        std::chrono::milliseconds(412), "web=shop/web:sha-1"));
  ASSERT_EQ(journal.state.lines.size(), 1U);
  EXPECT_EQ(journal.state.lines.front(),
            "2026-11-20T10:00:00.000Z p4 promote r4 aborted by anna 412 ms web=shop/web:sha-1 # the gate did "
            "not hold");
}

TEST(EnvironmentState, an_install_without_images_commits_no_release) {
  StateBuilder journal;
  OpenPromotion open;
  open.id = "p1";
  open.kind = PromotionKind::install;
  journal.add(RecordType::begin, begin_body(open)).add(RecordType::commit, commit_body("", {}));
  EXPECT_TRUE(journal.state.current.empty());
  EXPECT_TRUE(journal.state.releases.empty());
}

TEST(EnvironmentState, the_image_of_an_accessory_is_kept_until_another_is_committed) {
  StateBuilder journal;
  OpenPromotion open;
  open.id = "p1";
  open.kind = PromotionKind::install;
  const AccessoryImage first{"postgres:16", docker_api::Digest("sha256:d1"),
                             docker_api::ImageId("sha256:i1")};
  const AccessoryImage second{"postgres:17", docker_api::Digest(), docker_api::ImageId("sha256:i2")};
  journal.add(RecordType::begin, begin_body(open))
      .add(RecordType::commit, commit_body("", {}, {{"db", first}, {"cache", second}}))
      .add(RecordType::end, end_body("deployed", ""));
  journal.promote("p2", "r1", Slot::blue);
  EXPECT_EQ(journal.state.accessories, (AccessoryImages{{"cache", second}, {"db", first}}));
  open.id = "p3";
  journal.add(RecordType::begin, begin_body(open))
      .add(RecordType::commit, commit_body("", {}, {{"db", second}}));
  EXPECT_EQ(journal.state.accessories, (AccessoryImages{{"cache", second}, {"db", second}}));
}

TEST(EnvironmentState, places_in_the_subnet_are_remembered) {
  StateBuilder journal;
  journal.add(RecordType::environment, environment_body("10.201.7.0/24"))
      .add(RecordType::allocate, allocate_body("web", 0))
      .add(RecordType::allocate, allocate_body("api", 1));
  EXPECT_TRUE(journal.state.installed);
  EXPECT_EQ(journal.state.address_groups.at("api"), 1);
}

TEST(EnvironmentState, a_body_that_lacks_what_its_type_needs_stops_with_the_record_named) {
  for (const std::string body : {"{}", R"({"step":"teleport"})", "[]", R"({"release":"r1"})"}) {
    try {
      StateBuilder().add(RecordType::commit, body);
      FAIL() << body;
    } catch (const Error& error) {
      EXPECT_EQ(error.outcome(), Outcome::needs_operator);
      EXPECT_NE(std::string(error.what()).find("record 1"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace halcyon::orchestrator
