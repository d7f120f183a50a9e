#include "docker_api/joined_frames.hpp"

#include <algorithm>
#include <cstring>

#include "docker_api/frame_header.hpp"
#include "docker_api/short_copy.hpp"

namespace halcyon::docker_api {
namespace {

/// Frames up to this are worth a copy.
constexpr std::size_t k_small_frame_bytes = std::size_t{2} * 1024;

/// Copies the first `count` bytes of `from`.
void append_payload(std::span<char> to, std::string_view from, std::size_t count) {
  const bool has_slack =
      to.size() >= count + k_short_copy_slack_bytes && from.size() >= count + k_short_copy_slack_bytes;
  if (has_slack && count <= k_short_copy_limit_bytes) {
    copy_short(to.data(), from.data(), count);
  } else {
    std::memcpy(to.data(), from.data(), count);
  }
}

}  // namespace

std::optional<LogPiece> take_joined(LogDemultiplexer& frames, std::string_view& bytes, std::span<char> room) {
  const std::optional<LogPiece> first = frames.take(bytes);
  // Frames of the engine's own errors are taken one by one: the first whole one ends the stream.
  if (!first || !frames.at_boundary() || first->bytes.size() > std::min(k_small_frame_bytes, room.size()) ||
      first->stream == LogStream::engine_error) {
    return first;
  }
  const auto type = static_cast<unsigned char>(first->stream);
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::size_t joined_bytes = 0;
  char last = first->bytes.back();
  while (last == '\n' && static_cast<std::size_t>(end - at) >= k_frame_header_bytes) {
    const auto* const header = reinterpret_cast<const unsigned char*>(at);
    const std::size_t payload_bytes = frame_payload_bytes(header);
    if (header[0] != type || payload_bytes > k_small_frame_bytes ||
        payload_bytes > static_cast<std::size_t>(end - at) - k_frame_header_bytes) {
      break;
    }
    if (joined_bytes == 0) {
      std::memcpy(room.data(), first->bytes.data(), first->bytes.size());
      joined_bytes = first->bytes.size();
    }
    if (payload_bytes > room.size() - joined_bytes) break;
    append_payload(room.subspan(joined_bytes), {at + k_frame_header_bytes, end}, payload_bytes);
    joined_bytes += payload_bytes;
    last = room[joined_bytes - 1];
    at += k_frame_header_bytes + payload_bytes;
  }
  if (joined_bytes == 0) return first;
  bytes.remove_prefix(static_cast<std::size_t>(at - bytes.data()));
  return LogPiece{first->stream, {room.data(), joined_bytes}};
}

}  // namespace halcyon::docker_api
