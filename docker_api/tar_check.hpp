// Follows a tar archive as it comes and says at its end whether it was whole. Sans-io.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// Looks at headers only; the bytes themselves belong to the caller.
///
/// An engine that fails in the middle of an archive appends a JSON error and ends the answer cleanly (G16).
/// So an archive is whole only if it ends with its two zero blocks and nothing but zeros follows. Source:
/// POSIX.1-2017 pax, ustar and pax extended headers; GNU base-256 sizes.
class TarChecker {
 public:
  /// Takes the next bytes, in pieces of any size. Errors: protocol if far more follows what cannot go on.
  void feed(std::string_view bytes);
  /// Errors: in_stream with the engine's text if a JSON error stands at the end; truncated if the archive did
  /// not end; protocol if it is no archive or something else follows its end.
  void finish(std::string_view endpoint) const;

 private:
  enum class Part : std::uint8_t {
    header,    // gathers a block
    contents,  // skips a member
    ended,     // both zero blocks seen: only zeros may follow
    broken,    // no tar any more: waits for the end to say why
  };

  void keep_tail(std::string_view bytes);
  void count_behind(std::size_t bytes);
  std::string_view take_block(std::string_view bytes);
  void read_header();
  void end_extended_header();

  Part part_ = Part::header;
  std::array<char, 512> block_{};
  std::size_t block_bytes_ = 0;
  std::size_t zero_blocks_ = 0;
  std::uint64_t contents_left_ = 0;  // with the padding
  bool in_extended_ = false;         // the contents are a pax extended header
  std::size_t extended_bytes_ = 0;
  std::string extended_;
  std::optional<std::uint64_t> next_size_;  // from a pax extended header
  bool has_rubbish_ = false;                // after the end
  std::size_t bytes_behind_ = 0;            // after the end, or after what is no tar
  bool is_empty_ = true;
  std::string tail_;  // the last bytes: where an error would stand
};

}  // namespace halcyon::docker_api
