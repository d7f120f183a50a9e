#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/surroundings.hpp"

namespace halcyon::cli {
namespace {

TEST(Surroundings, the_actor_is_the_login_name_or_the_name_before_sudo) {
  EXPECT_EQ(name_actor(1000, "anna", ""), "anna");
  EXPECT_EQ(name_actor(0, "root", ""), "root");
  EXPECT_EQ(name_actor(0, "root", "anna"), "anna via sudo");
  EXPECT_EQ(name_actor(0, "root", "root"), "root");
}

TEST(Surroundings, a_variable_that_only_root_may_trust_names_nobody_else) {
  EXPECT_EQ(name_actor(1000, "anna", "bob"), "anna");
  EXPECT_EQ(name_actor(0, "root", "bob\nroot deployed r9"), "root");
  EXPECT_EQ(name_actor(0, "root", std::string(65, 'x')), "root");
}

TEST(Surroundings, an_empty_variable_is_as_good_as_none) {
  ::setenv("HALCYON_CONFIG", "", 1);
  ::setenv("DOCKER_HOST", "unix:///x", 1);
  const Surroundings surroundings = read_surroundings();
  EXPECT_EQ(surroundings.docker.variable("DOCKER_HOST"), "unix:///x");
  EXPECT_EQ(surroundings.variables.count("HALCYON_CONFIG"), 0U);
  EXPECT_FALSE(surroundings.actor.empty());
  ::unsetenv("HALCYON_CONFIG");
  ::unsetenv("DOCKER_HOST");
}

TEST(Surroundings, utf8_is_known_by_the_first_variable_of_the_locale_that_is_set) {
  Surroundings surroundings;
  EXPECT_FALSE(surroundings.speaks_utf8());
  surroundings.variables["LANG"] = "de_DE.UTF-8";
  EXPECT_TRUE(surroundings.speaks_utf8());
  surroundings.variables["LC_ALL"] = "C";
  EXPECT_FALSE(surroundings.speaks_utf8());
}

}  // namespace
}  // namespace halcyon::cli
