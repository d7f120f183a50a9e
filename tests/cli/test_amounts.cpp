#include <gtest/gtest.h>

#include "cli/amounts.hpp"
#include "cli/table.hpp"

namespace halcyon::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Amounts, a_duration_has_the_unit_that_a_person_would_choose) {
  EXPECT_EQ(for_people(milliseconds{0}), "0 ms");
  EXPECT_EQ(for_people(milliseconds{999}), "999 ms");
  EXPECT_EQ(for_people(milliseconds{1'650}), "1.6 s");
  EXPECT_EQ(for_people(milliseconds{59'999}), "59.9 s");
  EXPECT_EQ(for_people(seconds{125}), "2 min 5 s");
  EXPECT_EQ(for_people(seconds{11'520}), "3 h 12 min");
  EXPECT_EQ(for_people(seconds{2 * 86'400 - 1}), "47 h 59 min");
  EXPECT_EQ(for_people(seconds{2 * 86'400}), "2 days");
}

TEST(Amounts, bytes_are_counted_in_powers_of_1000) {
  EXPECT_EQ(bytes_for_people(0), "0 B");
  EXPECT_EQ(bytes_for_people(999), "999 B");
  EXPECT_EQ(bytes_for_people(4'250), "4.2 kB");
  EXPECT_EQ(bytes_for_people(12'345'678), "12.3 MB");
  EXPECT_EQ(bytes_for_people(1'000'000'000), "1.0 GB");
  EXPECT_EQ(bytes_for_people(2'500'000'000'000'000), "2500.0 TB");
}

TEST(Amounts, one_thing_is_singular_and_none_is_plural) {
  EXPECT_EQ(counted(0, "socket"), "0 sockets");
  EXPECT_EQ(counted(1, "socket"), "1 socket");
  EXPECT_EQ(counted(2, "socket"), "2 sockets");
}

TEST(Amounts, an_age_is_counted_from_rfc_3339_in_utc) {
  const std::chrono::sys_seconds now{seconds{1'785'412'800}};  // 2026-07-30T12:00:00Z
  EXPECT_EQ(age_for_people("2026-07-30T11:59:18Z", now), "42 s");
  EXPECT_EQ(age_for_people("2026-07-30T08:48:00.123456789Z", now), "3 h 12 min");
  EXPECT_EQ(age_for_people("2026-07-20T12:00:00Z", now), "10 days");
}

TEST(Amounts, a_time_that_cannot_be_understood_is_shown_as_it_is) {
  const std::chrono::sys_seconds now{seconds{1'785'412'800}};
  EXPECT_EQ(age_for_people("yesterday", now), "yesterday");
  EXPECT_EQ(age_for_people("", now), "");
  EXPECT_EQ(age_for_people("2026-07-30T11:59:18+02:00", now), "2026-07-30T11:59:18+02:00");
  EXPECT_EQ(age_for_people("2026-07-30T12:00:01Z", now), "2026-07-30T12:00:01Z") << "it lies ahead";
}

TEST(Table, columns_are_as_wide_as_their_widest_cell_and_lines_have_no_blanks_at_their_end) {
  EXPECT_EQ(format_table({{"A", "B", "C"}, {"wide", "x", ""}, {"ü", "yy", "z"}}, "  "),
            "  A     B   C\n"
            "  wide  x\n"
            "  ü     yy  z\n");
  EXPECT_EQ(format_table({}), "");
}

}  // namespace
}  // namespace halcyon::cli
