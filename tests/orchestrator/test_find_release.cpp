// Which release somebody means who says a tag.
#include <gtest/gtest.h>

#include "orchestrator/open_environment.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

class FindRelease : public ::testing::Test {
 protected:
  FindRelease() : directory_(base_ / "state") { directory_.ensure(); }

  /// A release of api and web with these tags; the last one serves.
  void add(const std::string& id, const std::string& api, const std::string& web) {
    Release release{.id = id};
    for (const auto& [name, tag] : {std::pair{"api", api}, {"web", web}}) {
      ReleaseService entry{.service = Service{.name = *Name::parse(name)}};
      entry.reference = std::string("registry.test/") + name + ":" + tag;
      entry.digest = docker_api::Digest("sha256:" + tag);
      release.services.emplace(name, entry);
    }
    directory_.write_release(release);
    state_.releases.push_back({.id = id});
    state_.current = id;
  }
  std::string find(const std::string& wanted) const {
    return find_release(directory_, state_, wanted).value_or("none");
  }

  const halcyon::testing::TemporaryDirectory base_;
  const StateDirectory directory_;
  EnvironmentState state_;
};

TEST_F(FindRelease, by_its_id_its_tag_or_its_digest) {
  add("r1", "1", "1");
  add("r2", "2", "2");
  EXPECT_EQ(find("r1"), "r1");
  EXPECT_EQ(find("1"), "r1");
  EXPECT_EQ(find("sha256:2"), "r2");
  EXPECT_EQ(find("3"), "none");
}

TEST_F(FindRelease, that_has_the_tag_as_a_whole_goes_before_one_that_has_a_part_of_it) {
  add("r1", "2", "2");
  add("r2", "2", "3");
  EXPECT_EQ(find("2"), "r1");
}

TEST_F(FindRelease, that_has_a_part_of_it_is_not_the_one_that_serves_if_there_is_another) {
  add("r1", "2", "1");
  add("r2", "2", "3");
  EXPECT_EQ(find("2"), "r1");
  EXPECT_EQ(find("3"), "r2");
}

}  // namespace
}  // namespace halcyon::orchestrator
