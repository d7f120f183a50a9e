// Takes the chunked coding off an answer's body. Sans-io, in place. Private to docker_api.
//
// Beast's parser does this too, but takes one chunk a call: an engine sends each line of a log as a chunk of
// its own, and then the calls cost several times what the bytes do (tests/bench: log_frames_100).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace halcyon::docker_api {

/// Follows a chunked body piece by piece; never allocates, whatever a chunk announces.
///
/// Shape:  hexadecimal size, extensions, CRLF, bytes, CRLF; size 0, trailer lines, an empty line. Extensions
/// and
///         trailers are skipped. Source: RFC 9112, 7.1.
class ChunkedBody {
 public:
  struct Step {
    std::string_view piece;      ///< of the body, inside the bytes given; empty if they hold none
    std::size_t used_bytes = 0;  ///< how many of them are done with, from the front
  };

  /// Takes the next piece of the body off `bytes`. Small chunks that have come together are moved together
  /// into one piece. Without a piece all of `bytes` was used, unless is_done() or is_broken().
  Step take(std::span<char> bytes);
  bool is_done() const noexcept { return part_ == Part::done; }
  /// True if it is no chunked body; nothing more can be taken.
  bool is_broken() const noexcept { return part_ == Part::broken; }

 private:
  enum class Part : std::uint8_t {
    size,       // hexadecimal digits
    extension,  // from behind the size to CR
    size_end,   // LF
    data,
    data_end,     // CR
    data_end_lf,  // LF
    line_start,   // of a trailer, or of the empty line that ends it all
    trailer,      // to CR
    trailer_end,  // LF
    last_end,     // the LF of the empty line
    done,
    broken,
  };

  static const char* join_whole_chunks(const char* at, const char* end, char*& piece_end);
  const char* take_framing(const char* at, const char* end);
  void take_framing_byte(char byte);
  void begin_data();

  Part part_ = Part::size;
  unsigned digits_ = 0;
  std::uint64_t left_bytes_ = 0;   // of the chunk at hand
  std::size_t skipped_bytes_ = 0;  // of this chunk's extensions, or of all trailers
};

}  // namespace halcyon::docker_api
