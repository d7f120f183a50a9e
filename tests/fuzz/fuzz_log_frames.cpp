// The demultiplexer gives the same bytes on the same streams as a reading of the whole text at once, however
// the text is cut, and ends the same way.
#include <map>
#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/joined_frames.hpp"
#include "docker_api/log_frames.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using docker_api::ErrorKind;
using docker_api::LogStream;

namespace {

struct FramesOutcome {
  std::vector<std::pair<LogStream, std::string>> pieces;  // neighbours of one stream joined
  bool is_protocol_error = false;
  bool is_truncated = false;
  bool operator==(const FramesOutcome&) const = default;

  void add(LogStream stream, std::string_view bytes) {
    if (bytes.empty()) return;
    if (pieces.empty() || pieces.back().first != stream) pieces.emplace_back(stream, "");
    pieces.back().second += bytes;
  }
};

FramesOutcome expected(std::string_view text) {
  FramesOutcome outcome;
  while (!text.empty()) {
    if (text.size() < 8) {
      outcome.is_truncated = true;
      break;
    }
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(text[i])}; };
    if (byte(0) > 3) {
      outcome.is_protocol_error = true;
      break;
    }
    const std::size_t length = byte(4) << 24U | byte(5) << 16U | byte(6) << 8U | byte(7);
    outcome.add(static_cast<LogStream>(byte(0)), text.substr(8, length));
    if (text.size() < 8 + length) {
      outcome.is_truncated = true;
      break;
    }
    text.remove_prefix(8 + length);
  }
  return outcome;
}

FramesOutcome found_in_frames(const std::vector<std::string_view>& pieces, bool is_whole_first) {
  FramesOutcome outcome;
  docker_api::LogDemultiplexer demultiplexer;
  try {
    const auto sink = [&](LogStream stream, std::string_view bytes) { outcome.add(stream, bytes); };
    for (std::string_view piece : pieces) {
      if (is_whole_first) demultiplexer.take_whole_frames(piece, sink);
      demultiplexer.feed(piece, sink);
    }
    demultiplexer.finish();
  } catch (const docker_api::Error& error) {
    outcome.is_protocol_error = error.kind() == ErrorKind::protocol;
    outcome.is_truncated = error.kind() == ErrorKind::truncated;
    fuzz::require(outcome.is_protocol_error || outcome.is_truncated, "an error has one of the two kinds");
  }
  return outcome;
}

/// The same, with small frames put together where there is room.
FramesOutcome found_joined(const std::vector<std::string_view>& pieces, std::size_t room_bytes) {
  FramesOutcome outcome;
  docker_api::LogDemultiplexer demultiplexer;
  std::vector<char> room(room_bytes);
  try {
    for (std::string_view rest : pieces) {
      while (const auto piece = docker_api::take_joined(demultiplexer, rest, room))
        outcome.add(piece->stream, piece->bytes);
      fuzz::require(rest.empty(), "all of a piece is taken");
    }
    demultiplexer.finish();
  } catch (const docker_api::Error& error) {
    outcome.is_protocol_error = error.kind() == ErrorKind::protocol;
    outcome.is_truncated = error.kind() == ErrorKind::truncated;
  }
  return outcome;
}

}  // namespace

HALCYON_FUZZ_TARGET(log_frames, input) {
  fuzz::Choices choices(input);
  const std::string_view pattern = input.substr(0, std::min<std::size_t>(2, input.size()));
  choices.up_to(0);
  const std::string_view text = choices.rest();
  const FramesOutcome whole = expected(text);
  fuzz::require(found_in_frames({text}, false) == whole, "the pieces are what the frames hold");
  fuzz::require(found_in_frames(fuzz::split(text, pattern), false) == whole,
                "the pieces do not depend on where the text is cut");
  fuzz::require(found_in_frames(fuzz::split(text, pattern), true) == whole,
                "nor on whether whole frames are taken first");
  const std::size_t room_bytes = text.empty() ? 0 : std::size_t{static_cast<unsigned char>(text.back())} * 8;
  fuzz::require(found_joined(fuzz::split(text, pattern), room_bytes) == whole, "joined pieces hold the same");
}
