// Reads a container's output piece by piece, raw or in frames. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/api_version.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api {

/// How the bytes of an output stream are packed.
enum class Framing { multiplexed, raw };

/// What the head of an attach, exec or logs answer says about it; nothing if it does not say (G8): before API
/// 1.42 every answer claims to be raw, and Podman's logs have no type at all.
std::optional<Framing> framing_of(const HttpResponse& head, ApiVersion version);

/// Whether short lines of one stream that have come together may be one piece.
enum class Joining { whole_lines, never };

/// Takes pieces off a stream that has `read_some()`, `read_buffered()`, and for errors `endpoint()`,
/// `status()` and `api_version()`.
class OutputPieces {
 public:
  explicit OutputPieces(Framing framing, Joining joining = Joining::whole_lines)
      : framing_(framing), joining_(joining) {}

  /// True if the piece handed out last was the end of its frame.
  bool at_boundary() const noexcept { return demultiplexer_.at_boundary(); }
  /// The next piece, valid until the next call; nothing at the clean end.
  ///
  /// Errors: truncated inside a frame, protocol for an unknown frame, in_stream with the text of the engine's
  ///         own error frame, and those of the stream.
  template <class Stream>
  boost::asio::awaitable<std::optional<LogPiece>> next(Stream& stream) {
    for (;;) {
      if (const auto piece = next_arrived(stream)) co_return piece;
      room_.reset();  // a log that is quiet holds no memory
      bytes_ = co_await stream.read_some();
      if (bytes_.empty()) {
        read_answer(origin_of(stream), [&] { finish(); });
        co_return std::nullopt;
      }
    }
  }
  /// The next piece of what has arrived already, which costs no coroutine; nothing if that is not enough, and
  /// at the end: next() knows which.
  template <class Stream>
  std::optional<LogPiece> next_arrived(Stream& stream) {
    for (;;) {
      if (const auto piece = take_from(stream)) return piece;
      const std::optional<std::string_view> more = stream.read_buffered();
      if (!more || more->empty()) return std::nullopt;
      bytes_ = *more;
    }
  }
  /// Hands all that has arrived to `sink`, piece by piece, in one loop: the fastest way through short frames.
  template <class Stream>
  void hand_out_arrived(Stream& stream, const LogDemultiplexer::Sink& sink) {
    for (;;) {
      hand_out_whole_frames(sink);
      if (const auto piece = take_from(stream)) {  // the rest of a frame, or what is no frame
        sink(piece->stream, piece->bytes);
        continue;
      }
      const std::optional<std::string_view> more = stream.read_buffered();
      if (!more || more->empty()) return;
      bytes_ = *more;
    }
  }

 private:
  template <class Stream>
  static AnswerOrigin origin_of(const Stream& stream) {
    return {
        .endpoint = stream.endpoint(), .http_status = stream.status(), .api_version = stream.api_version()};
  }
  template <class Stream>
  std::optional<LogPiece> take_from(const Stream& stream) {
    try {
      return take_buffered();
    } catch (const Error& error) {
      throw about_answer(error, origin_of(stream));
    }
  }
  std::optional<LogPiece> take_buffered();
  void hand_out_whole_frames(const LogDemultiplexer::Sink& sink);
  void finish() const;

  Framing framing_;
  Joining joining_;
  LogDemultiplexer demultiplexer_;
  std::string_view bytes_;        // read and not yet handed out
  std::unique_ptr<char[]> room_;  // where small frames are joined
  std::string engine_error_;      // the engine's own words, as far as they came
};

}  // namespace halcyon::docker_api
