// A fixture for everything that must leave the serving release alone.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness_project.hpp"

namespace halcyon::lab_tests {

/// "one" serves in blue, and is asked all the while. Afterwards everything is as it was before; so the next
/// test goes on with the same project, and only after a failure a new one is made.
class OneServes : public testing::Test {
 protected:
  static void TearDownTestSuite() { shared_.reset(); }

  OneServes() : project(ensure_project()) {}

  void SetUp() override {
    ASSERT_TRUE(project.serves("one"));
    containers_ = project.containers();
    files_ = project.files_of_state();
    before = project.status();
    client = project.client({"one"});
  }

  void TearDown() override {
    project.configure({});
    if (client != nullptr) {
      client->wait_for_more(2);
      EXPECT_TRUE(lost_nothing(client));
    }
    EXPECT_TRUE(project.serves("one"));
    if (!has_promoted_) {
      EXPECT_EQ(project.containers(), containers_);
      EXPECT_EQ(project.files_of_state(), files_);
      const json now = project.status();
      EXPECT_EQ(now.at("current_release"), before.at("current_release"));
      EXPECT_EQ(now.at("previous_release"), before.at("previous_release"));
    }
    client.reset();
    if (HasFailure()) shared_.reset();
  }

  /// Leaves it to the test to go back to "one".
  void promote_two() {
    stop_client();
    release_image("two");
    has_promoted_ = true;
    EXPECT_TRUE(ended(project.promote("two"), 0, "deployed"));
    EXPECT_TRUE(project.serves("two"));
  }
  void expect_promotion_works() {
    promote_two();
    EXPECT_TRUE(ended(project.rollback(), 0, "deployed"));
  }

  /// A promotion follows; the test goes back to "one" itself.
  void note_promotion() { has_promoted_ = true; }

  /// For what takes traffic away on purpose; what was asked until now must have been answered.
  void stop_client() {
    if (client != nullptr) EXPECT_TRUE(lost_nothing(client));
    client.reset();
  }

  const Project& project;
  json before;  ///< status
  std::unique_ptr<SteadyClient> client;

 private:
  static const Project& ensure_project() {
    if (!shared_) {
      shared_ = std::make_unique<Project>();
      release_image("one");
      EXPECT_TRUE(ended(shared_->install("one"), 0, "deployed"));
    }
    return *shared_;
  }

  static inline std::unique_ptr<Project> shared_;
  std::vector<std::string> containers_;
  std::vector<std::string> files_;
  bool has_promoted_ = false;
};

}  // namespace halcyon::lab_tests
