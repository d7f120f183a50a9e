#include <gtest/gtest.h>

#include "orchestrator/error.hpp"
#include "orchestrator/names.hpp"

namespace halcyon::orchestrator {
namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }

TEST(Names, lower_case_letters_digits_and_single_dashes_are_a_name) {
  for (const std::string_view text :
       {"a", "shop", "review-42", "a1", "a-b-c", "x2345678901234567890123456789012345678zz"})
    EXPECT_TRUE(Name::parse(text)) << text;
}

TEST(Names, everything_else_is_refused) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "-a"sv, "a-"sv, "a--b"sv, "1a"sv, "Shop"sv, "a_b"sv, "a.b"sv, "a/b"sv, ".."sv, "a b"sv, "a\n"sv,
        "a\0"sv, "\u0430"sv, "a;curl x|sh"sv, "$(id)"sv, "x2345678901234567890123456789012345678zzz"sv})
    EXPECT_FALSE(Name::parse(text)) << text;
  EXPECT_FALSE(Name::parse(std::string(1'000'000, 'a')));
}

TEST(Names, an_identifier_has_underscores_for_dashes) {
  EXPECT_EQ(name("review-4-2").as_identifier(), "review_4_2");
}

TEST(Names, object_names_are_joined_by_underscores) {
  const Name app = name("shop");
  const Name environment = name("production");
  const Name service = name("web");
  EXPECT_EQ(environment_object_name(app, environment), "shop_production");
  EXPECT_EQ(container_name(app, environment, service, Slot::green, "r12", 1),
            "shop_production_web_green_r12_1");
  EXPECT_EQ(accessory_name(app, environment, name("db")), "shop_production_db");
  EXPECT_EQ(volume_name(app, environment, "data"), "shop_production_data");
  EXPECT_EQ(upstream_name(app, environment, service, Slot::blue), "shop_production_web_blue");
}

TEST(Names, names_that_look_alike_give_different_objects) {
  EXPECT_NE(accessory_name(name("a"), name("b-c"), name("d")),
            accessory_name(name("a-b"), name("c"), name("d")));
  EXPECT_NE(environment_object_name(name("app"), name("x-2")),
            environment_object_name(name("app-x"), name("x2")));
}

TEST(Names, a_slot_has_one_other_slot_and_one_word) {
  EXPECT_EQ(other(Slot::blue), Slot::green);
  EXPECT_EQ(other(Slot::green), Slot::blue);
  for (const Slot slot : {Slot::blue, Slot::green}) EXPECT_EQ(parse_slot(to_string(slot)), slot);
  EXPECT_EQ(parse_slot("Blue"), std::nullopt);
  EXPECT_EQ(parse_slot(""), std::nullopt);
}

TEST(Outcomes, each_has_its_word_and_its_exit_code) {
  const std::vector<std::tuple<Outcome, std::string_view, int>> outcomes = {
      {Outcome::deployed, "deployed", 0},
      {Outcome::unchanged, "unchanged", 0},
      {Outcome::aborted, "aborted", 1},
      {Outcome::usage, "usage", 2},
      {Outcome::needs_operator, "needs_operator", 3},
      {Outcome::unreachable, "unreachable", 4},
      {Outcome::busy, "busy", 5},
      {Outcome::rolled_back, "rolled_back", 6},
      {Outcome::check_failed, "check_failed", 7}};
  for (const auto& [outcome, word, code] : outcomes) {
    EXPECT_EQ(to_string(outcome), word);
    EXPECT_EQ(exit_code(outcome), code);
  }
  EXPECT_EQ(Error(Outcome::busy, "x").outcome(), Outcome::busy);
}

}  // namespace
}  // namespace halcyon::orchestrator
