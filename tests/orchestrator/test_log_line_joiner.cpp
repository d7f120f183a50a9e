#include "orchestrator/log_line_joiner.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace halcyon::orchestrator {
namespace {

using docker_api::LogStream;

const std::string k_time = "2026-11-20T10:00:00.123456789Z ";
const std::string k_later = "2026-11-20T10:00:00.123460000Z ";
constexpr std::size_t k_part = 16384;

/// Feeds `text` in pieces of `size` bytes.
std::vector<std::string> lines_of(const std::string& text, bool timestamps, std::size_t size) {
  std::vector<std::string> lines;
  LogLineJoiner joiner(timestamps, [&](LogStream, std::string_view line) { lines.emplace_back(line); });
  for (std::size_t at = 0; at < text.size(); at += size)
    joiner.take(LogStream::stdout_stream, std::string_view(text).substr(at, size));
  joiner.finish();
  return lines;
}

TEST(LogLineJoiner, pieces_of_any_size_become_whole_lines) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
    EXPECT_EQ(lines_of("one\n\nthree\nunfinished", false, size),
              (std::vector<std::string>{"one", "", "three", "unfinished"}));
  }
}

TEST(LogLineJoiner, times_inside_a_line_that_the_engine_cut_are_taken_out) {
  const std::string first(k_part, 'a');
  const std::string second(k_part, 'b');
  const std::string text = k_time + first + k_later + second + k_later + "end\n" + k_later + "next\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, text.size()}) {
    EXPECT_EQ(lines_of(text, true, size),
              (std::vector<std::string>{k_time + first + second + "end", k_later + "next"}))
        << size;
  }
}

TEST(LogLineJoiner, a_line_of_exactly_one_part_has_an_empty_one_behind_it) {
  const std::string whole(k_part, 'a');
  EXPECT_EQ(lines_of(k_time + whole + k_later + "\n" + k_later + "next\n", true, 1000),
            (std::vector<std::string>{k_time + whole, k_later + "next"}));
}

TEST(LogLineJoiner, a_time_that_the_application_wrote_stays) {
  const std::string text = k_time + k_later + "and in the middle " + k_later + "of it\n";
  EXPECT_EQ(lines_of(text, true, 5),
            std::vector<std::string>{k_time + k_later + "and in the middle " + k_later + "of it"});
  const std::string without(k_part, 'a');
  EXPECT_EQ(lines_of(without + k_later + "\n", false, 1000), std::vector<std::string>{without + k_later});
}

TEST(LogLineJoiner, times_with_an_offset_or_fewer_digits_are_times_too) {
  const std::string first(k_part, 'a');
  for (const std::string time : {"2026-11-20T12:00:00.123456789+02:00 ", "2026-11-20T10:00:00Z "}) {
    EXPECT_EQ(lines_of(time + first + time + "end\n", true, 11),
              std::vector<std::string>{time + first + "end"});
  }
}

TEST(LogLineJoiner, a_line_without_end_is_given_in_pieces_each_with_its_time) {
  const std::string part(k_part, 'a');
  std::string text = k_time;
  for (int count = 0; count < 4; ++count) text += part + k_later;
  const std::string longest = part + part + part + part;
  EXPECT_EQ(lines_of(text + "end\n", true, 999),
            (std::vector<std::string>{k_time + longest, k_time + "end"}));
  EXPECT_EQ(lines_of(longest + "end", false, 999), (std::vector<std::string>{longest, "end"}));
}

TEST(LogLineJoiner, empty_and_short_lines_with_times_are_whole) {
  EXPECT_EQ(lines_of(k_time + "\n" + k_later + "x\n", true, 4),
            (std::vector<std::string>{k_time, k_later + "x"}));
  EXPECT_EQ(lines_of("no time\n", true, 4), std::vector<std::string>{"no time"});
}

TEST(LogLineJoiner, streams_do_not_mix) {
  std::vector<std::string> lines;
  LogLineJoiner joiner(false, [&](LogStream stream, std::string_view line) {
    lines.push_back((stream == LogStream::stdout_stream ? "out " : "err ") + std::string(line));
  });
  joiner.take(LogStream::stdout_stream, "a");
  joiner.take(LogStream::stderr_stream, "b\n");
  joiner.take(LogStream::stdout_stream, "c\n");
  joiner.finish();
  EXPECT_EQ(lines, (std::vector<std::string>{"err b", "out ac"}));
}

}  // namespace
}  // namespace halcyon::orchestrator
