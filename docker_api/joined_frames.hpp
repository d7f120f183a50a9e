// Small frames of a log put together, so that what is done for each piece is done for many lines. Private to
// docker_api.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api {

/// Like LogDemultiplexer::take(), but whole small frames of one stream that follow each other in `bytes` are
/// copied to `room` and handed out as one piece, as far as there is room. Only behind a line feed: a frame
/// that is part of a line stays one of its own.
std::optional<LogPiece> take_joined(LogDemultiplexer& frames, std::string_view& bytes, std::span<char> room);

}  // namespace halcyon::docker_api
