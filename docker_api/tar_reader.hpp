// Takes a tar archive apart as it comes. Private to docker_api; sans-io.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/tar_header.hpp"

namespace halcyon::docker_api {

/// Takes members one after the other. What it throws ends the reading.
class TarSink {
 public:
  virtual ~TarSink() = default;
  /// A member begins; its contents follow in pieces if it is a file.
  virtual void begin(const TarMember& member) = 0;
  virtual void contents(std::string_view bytes) = 0;
  virtual void end() = 0;
};

/// Reads ustar, pax (path, linkpath, size, mtime) and GNU (long names and links, binary numbers).
///
/// Whether the archive is whole is the ArchiveStream's to say, with the engine's words if there are any: so
/// what cannot be read is only remembered here, until finish().
/// Errors: protocol, at once, for a name over 64 KiB and for a sparse file.
class TarReader {
 public:
  /// Takes the next bytes, in pieces of any size.
  void feed(std::string_view bytes, TarSink& sink);
  /// To be called when the stream has ended cleanly. Errors: protocol if this is not the end of an archive.
  void finish() const;

 private:
  enum class Part : std::uint8_t { header, contents, padding, extension, ended, broken };
  struct Extended {
    std::optional<std::string> name;
    std::optional<std::string> link_target;
    std::optional<std::uint64_t> size_bytes;
    std::optional<timespec> modified_at;
  };

  std::string_view take_block(std::string_view bytes, TarSink& sink);
  std::string_view take_contents(std::string_view bytes, TarSink& sink);
  void read_header(TarSink& sink);
  void begin_member(std::string_view block, std::uint64_t size_bytes, TarSink& sink);
  void begin_extension(char type, std::uint64_t size_bytes);
  void end_extension();

  Part part_ = Part::header;
  std::array<char, k_tar_block_bytes> block_{};
  std::size_t block_bytes_ = 0;
  std::size_t zero_blocks_ = 0;
  int extensions_in_a_row_ = 0;
  std::uint64_t left_bytes_ = 0;     // of the contents or of the extension
  std::uint64_t padding_bytes_ = 0;  // behind them
  char extension_type_ = 0;
  std::string extension_;
  Extended extended_;  // for the next member
};

}  // namespace halcyon::docker_api
