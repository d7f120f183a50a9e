// Splits the engine's multiplexed log and attach streams. Sans-io.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace halcyon::docker_api {

/// Which stream a piece of output belongs to, as the frame's first byte says.
enum class LogStream : std::uint8_t {
  stdin_echo = 0,
  stdout_stream = 1,
  stderr_stream = 2,
  engine_error = 3
};

/// A piece of what a container wrote; the bytes belong to whoever was read from.
struct LogPiece {
  LogStream stream = LogStream::stdout_stream;
  std::string_view bytes;
};

/// Takes a byte stream in pieces of any size and hands out payload as it arrives; never allocates an
/// announced length.
///
/// Shape:  8-byte header {type, 0, 0, 0, length as big endian uint32}, then the payload.
/// Errors: feed() throws Error protocol for an unknown type; finish() throws truncated inside a header or
/// payload. Source: Engine API, "Attach to a container / Stream format"; G7.
class LogDemultiplexer {
 public:
  /// Takes a piece of payload; the view is valid during the call.
  using Sink = std::function<void(LogStream, std::string_view)>;

  /// Consumes all of `bytes`; calls `sink` with each piece of payload, in order, pieces possibly partial
  /// frames.
  void feed(std::string_view bytes, const Sink& sink);
  /// Takes the next piece of payload off the front of `bytes`; nothing once all of them are consumed.
  std::optional<LogPiece> take(std::string_view& bytes);
  /// Hands the whole frames that `bytes` begin with to `sink` and takes them off; what is left begins with
  /// one that is not whole, or the engine's error, or of no known type. Nothing inside a frame.
  void take_whole_frames(std::string_view& bytes, const Sink& sink);
  /// True between two frames.
  bool at_boundary() const noexcept { return header_bytes_ == 0 && payload_left_ == 0; }
  /// To be called at the end of the stream.
  void finish() const;

 private:
  std::array<unsigned char, 8> header_{};
  std::size_t header_bytes_ = 0;
  std::uint32_t payload_left_ = 0;
  LogStream stream_ = LogStream::stdout_stream;
};

}  // namespace halcyon::docker_api
