// Writes a tar archive (ustar) piece by piece: build contexts and root file systems without a temporary file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// One member of an archive: bytes in memory, or a regular file read while the archive is sent.
struct TarEntry {
  std::string name;         ///< relative, no "..", at most 100 bytes (or 255 with a prefix split at '/')
  std::string content;      ///< used if `source_path` is empty
  std::string source_path;  ///< file whose bytes are the member
  std::uint32_t mode = 0644;
};

/// Makes a body that yields the archive. All entries are owned by root, time stamp 0: the same input gives
/// the same bytes.
///
/// Errors: invalid_argument for a bad name; Error protocol if a file changes its size while it is read.
/// Source: POSIX.1-2017 pax, ustar interchange format.
std::shared_ptr<BodySource> make_tar_source(std::vector<TarEntry> entries);

/// Makes a body that yields a file's bytes. Errors: invalid_argument if it cannot be opened.
std::shared_ptr<BodySource> make_file_source(const std::string& path);

}  // namespace halcyon::docker_api
