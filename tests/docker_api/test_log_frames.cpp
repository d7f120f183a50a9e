#include "docker_api/log_frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/stream_frame.hpp"

namespace halcyon::docker_api {
namespace {

using Pieces = std::vector<std::pair<LogStream, std::string>>;

/// Joins neighbouring pieces of one stream, so that only content counts and not where it was cut.
LogDemultiplexer::Sink collect_pieces(Pieces& pieces) {
  return [&pieces](LogStream stream, std::string_view bytes) {
    if (pieces.empty() || pieces.back().first != stream) pieces.emplace_back(stream, "");
    pieces.back().second += bytes;
  };
}

const std::string k_stream = frame(1, "out one\n") + frame(2, "") + frame(2, "err\n") +
                             frame(1, std::string(300, 'x')) + frame(0, "in") + frame(3, "engine");
const Pieces k_pieces = {{LogStream::stdout_stream, "out one\n"},
                         {LogStream::stderr_stream, "err\n"},
                         {LogStream::stdout_stream, std::string(300, 'x')},
                         {LogStream::stdin_echo, "in"},
                         {LogStream::engine_error, "engine"}};

TEST(LogDemultiplexerTest, frames_are_taken_apart_wherever_the_stream_is_split) {
  for (std::size_t at = 0; at <= k_stream.size(); ++at) {
    LogDemultiplexer demultiplexer;
    Pieces pieces;
    demultiplexer.feed(std::string_view(k_stream).substr(0, at), collect_pieces(pieces));
    demultiplexer.feed(std::string_view(k_stream).substr(at), collect_pieces(pieces));
    demultiplexer.finish();
    EXPECT_EQ(pieces, k_pieces) << "split at " << at;
  }
}

TEST(LogDemultiplexerTest, whole_frames_are_taken_up_to_the_engines_own_error) {
  for (std::size_t at = 0; at <= k_stream.size(); ++at) {
    LogDemultiplexer demultiplexer;
    Pieces pieces;
    for (std::string_view part :
         {std::string_view(k_stream).substr(0, at), std::string_view(k_stream).substr(at)}) {
      demultiplexer.take_whole_frames(part, [&](LogStream stream, std::string_view bytes) {
        EXPECT_NE(stream, LogStream::engine_error);
        collect_pieces(pieces)(stream, bytes);
      });
      demultiplexer.feed(part, collect_pieces(pieces));
    }
    demultiplexer.finish();
    EXPECT_EQ(pieces, k_pieces) << "split at " << at;
  }
  LogDemultiplexer demultiplexer;
  std::string_view rest = k_stream;
  demultiplexer.take_whole_frames(rest, [](LogStream, std::string_view) {});
  EXPECT_EQ(rest, frame(3, "engine"));
}

TEST(LogDemultiplexerTest, single_bytes_are_enough) {
  LogDemultiplexer demultiplexer;
  Pieces pieces;
  for (const char& byte : k_stream) demultiplexer.feed({&byte, 1}, collect_pieces(pieces));
  demultiplexer.finish();
  EXPECT_EQ(pieces, k_pieces);
}

TEST(LogDemultiplexerTest, payload_is_handed_out_before_its_frame_is_complete) {
  LogDemultiplexer demultiplexer;
  Pieces pieces;
  // Announces 4 GiB - 1: whoever allocated that would be noticed.
  demultiplexer.feed(std::string("\x01\0\0\0\xff\xff\xff\xff", 8) + "early", collect_pieces(pieces));
  EXPECT_EQ(pieces, (Pieces{{LogStream::stdout_stream, "early"}}));
  expect_error([&] { demultiplexer.finish(); }, ErrorKind::truncated,
               "4294967290 bytes before the end of a frame");
}

TEST(LogDemultiplexerTest, a_stream_cut_anywhere_but_between_frames_is_truncated) {
  const std::string bytes = frame(1, "ab") + frame(2, "c");
  for (std::size_t at = 0; at <= bytes.size(); ++at) {
    LogDemultiplexer demultiplexer;
    demultiplexer.feed(std::string_view(bytes).substr(0, at), [](LogStream, std::string_view) {});
    if (at == 0 || at == 10 || at == bytes.size()) {
      EXPECT_NO_THROW(demultiplexer.finish()) << at;
    } else {
      EXPECT_EQ(expect_error([&] { demultiplexer.finish(); }).kind(), ErrorKind::truncated) << at;
    }
  }
}

TEST(LogDemultiplexerTest, an_unknown_type_is_a_protocol_error) {
  LogDemultiplexer demultiplexer;
  expect_error([&] { demultiplexer.feed("plain text of a terminal", [](LogStream, std::string_view) {}); },
               ErrorKind::protocol, "unknown type 112");
}

}  // namespace
}  // namespace halcyon::docker_api
