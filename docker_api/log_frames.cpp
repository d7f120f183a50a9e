#include "docker_api/log_frames.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "docker_api/error.hpp"
#include "docker_api/frame_header.hpp"

namespace halcyon::docker_api {
namespace {

constexpr unsigned char k_highest_stream_type = 3;

LogStream stream_of(unsigned char type) {
  if (type > k_highest_stream_type) {
    throw Error(
        {.kind = ErrorKind::protocol,
         .endpoint = "log stream",
         .explanation = fmt::format("a frame of unknown type {}: the stream is not multiplexed", type)});
  }
  return static_cast<LogStream>(type);
}

}  // namespace

std::optional<LogPiece> LogDemultiplexer::take(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const std::string_view piece = bytes.substr(0, payload_left_);
      payload_left_ -= static_cast<std::uint32_t>(piece.size());
      bytes.remove_prefix(piece.size());
      return LogPiece{stream_, piece};
    }
    const std::size_t wanted = std::min(header_.size() - header_bytes_, bytes.size());
    std::copy_n(bytes.data(), wanted, header_.data() + header_bytes_);
    header_bytes_ += wanted;
    bytes.remove_prefix(wanted);
    if (header_bytes_ < header_.size()) break;
    header_bytes_ = 0;
    stream_ = stream_of(header_[0]);
    payload_left_ = frame_payload_bytes(header_.data());
  }
  return std::nullopt;
}

void LogDemultiplexer::take_whole_frames(std::string_view& bytes, const Sink& sink) {
  if (payload_left_ > 0 || header_bytes_ > 0) return;
  while (bytes.size() >= k_frame_header_bytes) {
    const auto* const header = reinterpret_cast<const unsigned char*>(bytes.data());
    const std::size_t payload_bytes = frame_payload_bytes(header);
    if (header[0] >= k_highest_stream_type || payload_bytes > bytes.size() - k_frame_header_bytes) return;
    const std::string_view payload = bytes.substr(k_frame_header_bytes, payload_bytes);
    bytes.remove_prefix(k_frame_header_bytes + payload_bytes);
    if (!payload.empty()) sink(static_cast<LogStream>(header[0]), payload);
  }
}

void LogDemultiplexer::feed(std::string_view bytes, const Sink& sink) {
  while (const auto piece = take(bytes)) sink(piece->stream, piece->bytes);
}

void LogDemultiplexer::finish() const {
  if (at_boundary()) return;
  throw Error({.kind = ErrorKind::truncated,
               .endpoint = "log stream",
               .explanation =
                   header_bytes_ > 0
                       ? std::string("the stream ended inside a frame's header")
                       : fmt::format("the stream ended {} bytes before the end of a frame", payload_left_)});
}

}  // namespace halcyon::docker_api
