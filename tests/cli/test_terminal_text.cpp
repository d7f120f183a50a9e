#include <gtest/gtest.h>

#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

std::string one(std::string_view text) { return for_terminal(text, Lines::one); }

TEST(TerminalText, plain_text_and_utf8_stay_as_they_are) {
  EXPECT_EQ(one("GET / 200"), "GET / 200");
  EXPECT_EQ(one("größe ✓ 漢字 😀"), "größe ✓ 漢字 😀");
  EXPECT_EQ(one(""), "");
}

TEST(TerminalText, escape_sequences_disappear) {
  EXPECT_EQ(one("\x1b[31mred\x1b[0m"), "red");
  EXPECT_EQ(one("\x1b[2J\x1b[1;1H\x1b[?25lx"), "x");
  EXPECT_EQ(one("\x1b]0;title\x07x\x1b]8;;http://evil\x1b\\y"), "xy");
  EXPECT_EQ(one("\x1bPq#0\x1b\\x"), "x");
  EXPECT_EQ(one("\x1b(B\x1b"
                "7x"),
            "x");
  EXPECT_EQ(one("\x1b"
                "cx"),
            "x");
}

TEST(TerminalText, an_unfinished_escape_sequence_hides_nothing) {
  EXPECT_EQ(one("\x1b"), "^[");
  EXPECT_EQ(one("\x1b[31"), "^[[31");
  EXPECT_EQ(one("\x1b]0;all of the rest"), "^[]0;all of the rest");
  EXPECT_EQ(for_terminal("\x1b]0;a\nb\x07", Lines::several), "^[]0;a\nb^G");
  EXPECT_EQ(one("\x1b[\x01m"), "^[[^Am");
  EXPECT_EQ(one("\x1b\x1b[31mx"), "^[x");
}

TEST(TerminalText, control_characters_become_visible) {
  EXPECT_EQ(one("a\x07"
                "b\x08"
                "c\x7f"),
            "a^Gb^Hc^?");
  EXPECT_EQ(one(std::string_view("a\0b", 3)), "a^@b");
  EXPECT_EQ(one("50%\r100%"), "50%^M100%");
}

TEST(TerminalText, a_carriage_return_at_the_end_of_a_line_is_nothing) {
  EXPECT_EQ(one("line\r"), "line");
  EXPECT_EQ(for_terminal("a\r\nb\r\n", Lines::several), "a\nb\n");
}

TEST(TerminalText, newlines_stay_or_become_spaces) {
  EXPECT_EQ(one("a\nb"), "a b");
  EXPECT_EQ(for_terminal("a\nb", Lines::several), "a\nb");
  EXPECT_EQ(one("a\tb"), "a    b");
}

TEST(TerminalText, what_is_no_utf8_or_reverses_text_becomes_a_question_mark) {
  EXPECT_EQ(one("\xff\xfe"), "??");
  EXPECT_EQ(one("\x9b"
                "31m"),
            "?31m");
  EXPECT_EQ(one("\xc2\x9b"
                "31m"),
            "?31m")
      << "C1 CSI as UTF-8";
  EXPECT_EQ(one("\xe2\x80\xae"
                "abc"),
            "?abc")
      << "right-to-left override";
  EXPECT_EQ(one("\xc0\x9b"), "??") << "overlong ESC";
  EXPECT_EQ(one("\xe0\x80\x9b"), "???") << "overlong ESC";
  EXPECT_EQ(one("\xed\xa0\x80"), "???") << "surrogate";
  EXPECT_EQ(one("\xf4\x90\x80\x80"), "????") << "beyond U+10FFFF";
  EXPECT_EQ(one("\xe2\x80"), "??") << "cut off";
}

TEST(TerminalText, every_byte_alone_is_made_harmless) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    for (const char c : one(text)) {
      EXPECT_TRUE(c >= ' ' && c != '\x7f') << byte;
    }
  }
}

TEST(TerminalText, width_counts_columns_and_not_bytes) {
  EXPECT_EQ(display_width("größe"), 5U);
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(TerminalText, is_cut_to_the_columns_there_are_and_never_inside_a_character) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abc...");
  EXPECT_EQ(fit("größßßßßß", 6), "grö...");
  EXPECT_EQ(fit("漢字漢字", 6), "漢...");
  EXPECT_EQ(fit("abcdef", 2), "ab");
}

}  // namespace
}  // namespace halcyon::cli
