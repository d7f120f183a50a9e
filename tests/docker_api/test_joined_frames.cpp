#include "docker_api/joined_frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/stream_frame.hpp"

namespace halcyon::docker_api {
namespace {

using Pieces = std::vector<std::pair<LogStream, std::string>>;

/// Neighbouring pieces of one stream are one: only content counts, not where it was cut.
void append(Pieces& pieces, LogStream stream, std::string_view bytes) {
  if (pieces.empty() || pieces.back().first != stream) pieces.emplace_back(stream, "");
  pieces.back().second += bytes;
}

/// The pieces of `bytes` as they were handed out, given in two parts.
Pieces pieces_of(std::string_view bytes, std::size_t at, std::size_t room_bytes) {
  LogDemultiplexer demultiplexer;
  std::vector<char> room(room_bytes);
  Pieces pieces;
  for (std::string_view part : {bytes.substr(0, at), bytes.substr(at)}) {
    while (const auto piece = take_joined(demultiplexer, part, room)) {
      pieces.emplace_back(piece->stream, piece->bytes);
    }
  }
  return pieces;
}

TEST(JoinedFramesTest, joined_frames_hold_the_same_wherever_the_stream_is_split_and_however_little_room) {
  const std::string lines = frame(1, "a\n") + frame(1, "") + frame(1, "b\n") + frame(2, "c\n") +
                            frame(2, "d\n") + frame(2, "e\n") + frame(1, std::string(3'000, 'x')) +
                            frame(1, "f\n") + frame(2, "g\n");
  Pieces expected;
  LogDemultiplexer().feed(lines,
                          [&](LogStream stream, std::string_view bytes) { append(expected, stream, bytes); });
  for (const std::size_t room : {0U, 1U, 2U, 5U, 303U, 16'384U}) {
    for (std::size_t at = 0; at <= lines.size(); ++at) {
      Pieces pieces;
      for (const auto& [stream, bytes] : pieces_of(lines, at, room)) append(pieces, stream, bytes);
      ASSERT_EQ(pieces, expected) << "split at " << at << ", room for " << room;
    }
  }
}

TEST(JoinedFramesTest, small_frames_of_one_stream_are_one_piece) {
  const std::string lines =
      frame(1, "a\n") + frame(1, "b\n") + frame(1, "c\n") + frame(2, "d\n") + frame(1, "e\n");
  EXPECT_EQ(pieces_of(lines, lines.size(), 100), (Pieces{{LogStream::stdout_stream, "a\nb\nc\n"},
                                                         {LogStream::stderr_stream, "d\n"},
                                                         {LogStream::stdout_stream, "e\n"}}));
  EXPECT_EQ(pieces_of(lines, lines.size(), 4).front().second, "a\nb\n");
}

TEST(JoinedFramesTest, a_frame_that_is_part_of_a_line_stays_one_of_its_own) {
  const std::string parts =
      frame(1, "a\n") + frame(1, "b") + frame(1, "c") + frame(1, "d\n") + frame(1, "e\n");
  EXPECT_EQ(pieces_of(parts, parts.size(), 100), (Pieces{{LogStream::stdout_stream, "a\nb"},
                                                         {LogStream::stdout_stream, "c"},
                                                         {LogStream::stdout_stream, "d\ne\n"}}));
}

TEST(JoinedFramesTest, the_engines_own_errors_are_never_joined) {
  const std::string errors = frame(3, "one\n") + frame(3, "two\n");
  EXPECT_EQ(pieces_of(errors, errors.size(), 100).size(), 2U);
}

TEST(JoinedFramesTest, joining_stops_at_a_frame_that_is_none) {
  LogDemultiplexer demultiplexer;
  std::vector<char> room(100);
  const std::string bytes = frame(1, "a\n") + frame(1, "b\n") + frame(4, "bad\n");
  std::string_view rest = bytes;
  EXPECT_EQ(take_joined(demultiplexer, rest, room)->bytes, "a\nb\n");
  expect_error([&] { take_joined(demultiplexer, rest, room); }, ErrorKind::protocol, "unknown type 4");
}

}  // namespace
}  // namespace halcyon::docker_api
