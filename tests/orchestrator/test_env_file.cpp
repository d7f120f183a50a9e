#include <gtest/gtest.h>

#include "orchestrator/configuration.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Variables parse_lines(std::string_view text) { return parse_env_file(text, "web.env"); }

std::string refusal(std::string_view text) {
  try {
    parse_lines(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.outcome(), Outcome::usage);
    return error.what();
  }
  return "accepted";
}

TEST(EnvFile, lines_are_read_in_order) {
  EXPECT_EQ(parse_lines("B=2\nA=1\n\n# comment\n  # indented comment\nC=3"),
            (Variables{{"B", "2"}, {"A", "1"}, {"C", "3"}}));
  EXPECT_EQ(parse_lines(""), Variables{});
}

TEST(EnvFile, export_blanks_carriage_returns_and_a_byte_order_mark_are_taken_off) {
  EXPECT_EQ(parse_lines("\xef\xbb\xbf"
                        "export A = 1 \r\n\texport\tB=2\r\nexported=3\nexport=4\n"),
            (Variables{{"A", "1"}, {"B", "2"}, {"exported", "3"}, {"export", "4"}}));
}

TEST(EnvFile, an_unquoted_value_ends_at_a_hash_after_a_blank_only) {
  EXPECT_EQ(parse_lines("A=a#b\nB=a #b\nC=\nD=#x\nE=a=b=c\nF=a b"),
            (Variables{{"A", "a#b"}, {"B", "a"}, {"C", ""}, {"D", ""}, {"E", "a=b=c"}, {"F", "a b"}}));
}

TEST(EnvFile, single_quotes_keep_everything_as_it_is) {
  EXPECT_EQ(parse_lines(R"(A=' $HOME \n "x" # y ' # comment)"), (Variables{{"A", R"( $HOME \n "x" # y )"}}));
}

TEST(EnvFile, double_quotes_know_escapes_and_expand_nothing) {
  EXPECT_EQ(parse_lines(R"(A="a\nb\t\"c\" \\ \$x $HOME ${HOME} `id` \d")"),
            (Variables{{"A", "a\nb\t\"c\" \\ $x $HOME ${HOME} `id` \\d"}}));
}

TEST(EnvFile, the_later_of_two_lines_for_a_variable_wins) {
  EXPECT_EQ(parse_lines("A=1\nB=2\nA=3"), (Variables{{"A", "3"}, {"B", "2"}}));
}

TEST(EnvFile, refusals_name_file_line_and_rule) {
  EXPECT_EQ(refusal("A=1\nPASSWORD hunter2"),
            "web.env:2: this line is not KEY=value; write it so, or put '#' before it");
  EXPECT_EQ(refusal("1A=x"),
            "web.env:1: what stands before '=' must be a variable name of [A-Za-z_][A-Za-z0-9_]*; correct "
            "the name");
  EXPECT_EQ(refusal("\n\nA=\"hunter2"),
            "web.env:3: the quote is not closed on this line; close it, and write a line break inside "
            "\"...\" as \\n");
  EXPECT_EQ(refusal("A='hunter2' x"),
            "web.env:1: there is text after the closing quote; put the whole value in quotes");
  EXPECT_EQ(refusal(std::string_view("A=hun\0ter2", 10)),
            "web.env:1: there is a NUL in this line; no variable can hold one, so remove it");
  EXPECT_EQ(refusal("A=hunter\xff"),
            "web.env:1: this line is not UTF-8, which the engine requires; save the file as UTF-8");
}

TEST(EnvFile, every_bad_line_is_found_at_once) {
  EXPECT_EQ(
      find_env_file_mistakes("A=1\nhunter2\nB=2\n1C=hunter2\n", "web.env"),
      (std::vector<std::string>{
          "web.env:2: this line is not KEY=value; write it so, or put '#' before it",
          "web.env:4: what stands before '=' must be a variable name of [A-Za-z_][A-Za-z0-9_]*; correct "
          "the name"}));
  EXPECT_TRUE(find_env_file_mistakes("A=1\n", "web.env").empty());
}

TEST(EnvFile, a_refusal_never_shows_a_value) {
  for (const std::string_view text : {"hunter2", "hunter2 hunter2", "=hunter2", "A B=hunter2", "A=\"hunter2",
                                      "A='hunter2'hunter2", "hunter2-hunter2=hunter2", "A=hunter2\xc0\x80"})
    EXPECT_EQ(refusal(text).find("hunter2"), std::string::npos) << refusal(text);
}

}  // namespace
}  // namespace halcyon::orchestrator
