#include "docker_api/output_pieces.hpp"

#include "docker_api/joined_frames.hpp"

namespace halcyon::docker_api {
namespace {

constexpr ApiVersion k_framing_is_told_since{1, 42};
constexpr std::size_t k_room_bytes = std::size_t{16} * 1024;
constexpr std::size_t k_engine_error_limit_bytes = std::size_t{16} * 1024;

[[noreturn]] void throw_engine_error(const std::string& text) {
  throw Error({.kind = ErrorKind::in_stream, .engine_text = text});
}

}  // namespace

std::optional<Framing> framing_of(const HttpResponse& head, ApiVersion version) {
  const auto type = head.find_header("Content-Type");
  if (!type) return std::nullopt;
  if (type->starts_with("application/vnd.docker.multiplexed-stream")) return Framing::multiplexed;
  const bool raw = type->starts_with("application/vnd.docker.raw-stream");
  // Behind a proxy that answers 200 to an upgrade the type is always raw (G4).
  if (raw && version >= k_framing_is_told_since && head.status == 101) return Framing::raw;
  return std::nullopt;
}

std::optional<LogPiece> OutputPieces::take_buffered() {
  if (framing_ == Framing::raw) {
    if (bytes_.empty()) return std::nullopt;
    return LogPiece{LogStream::stdout_stream, std::exchange(bytes_, {})};
  }
  if (bytes_.empty()) return std::nullopt;
  const bool joins = joining_ == Joining::whole_lines;
  if (joins && !room_) room_ = std::make_unique_for_overwrite<char[]>(k_room_bytes);
  while (const auto piece = joins ? take_joined(demultiplexer_, bytes_, {room_.get(), k_room_bytes})
                                  : demultiplexer_.take(bytes_)) {
    if (piece->stream != LogStream::engine_error) return piece;
    engine_error_.append(piece->bytes.substr(0, k_engine_error_limit_bytes - engine_error_.size()));
    // What is announced beyond the limit would be waited for, and thrown away.
    const bool is_enough = engine_error_.size() == k_engine_error_limit_bytes;
    if (is_enough || demultiplexer_.at_boundary()) throw_engine_error(engine_error_);
  }
  return std::nullopt;
}

void OutputPieces::hand_out_whole_frames(const LogDemultiplexer::Sink& sink) {
  if (framing_ == Framing::multiplexed && joining_ == Joining::never)
    demultiplexer_.take_whole_frames(bytes_, sink);
}

void OutputPieces::finish() const {
  if (!engine_error_.empty()) throw_engine_error(engine_error_);
  if (framing_ == Framing::multiplexed) demultiplexer_.finish();
}

}  // namespace halcyon::docker_api
