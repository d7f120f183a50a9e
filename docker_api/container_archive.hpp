// Files into and out of a container: archive, export.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "docker_api/archive_stream.hpp"
#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

/// What a path in a container is.
struct PathStat {
  std::string name;  ///< the last part of the path
  std::uint64_t size_bytes = 0;
  std::uint32_t mode = 0;  ///< Go's os.FileMode: permission bits below, type bits from the top
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> modified_at;
  std::string link_target;  ///< of a symbolic link

  /// True for a directory.
  bool is_directory() const noexcept { return (mode & 0x8000'0000U) != 0; }
  /// True for a symbolic link; what it points to is not looked at.
  bool is_symbolic_link() const noexcept { return (mode & 0x0800'0000U) != 0; }
  /// The nine permission bits.
  std::uint32_t permissions() const noexcept { return mode & 0777U; }
};
/// Reads the header X-Docker-Container-Path-Stat: JSON in base64 of the standard alphabet. Pure.
/// Errors: protocol.
PathStat parse_path_stat(std::string_view header);

/// Looks at a path. Shape: HEAD /containers/{id}/archive?path=...; nothing if there is no such path or
/// container.
boost::asio::awaitable<std::optional<PathStat>> find_path(Engine& engine, ContainerId id, std::string path);

/// A path's description and its contents.
struct PathArchive {
  PathStat stat;
  ArchiveStream archive;
};
/// Reads a file or directory as a tar archive, from a stopped container too.
///
/// Shape:  GET /containers/{id}/archive?path=...
/// Errors: not_found (path or container); then as ArchiveStream.
boost::asio::awaitable<PathArchive> open_archive(Engine& engine, ContainerId id, std::string path);

/// What unpacking may do.
struct PutArchiveOptions {
  bool may_replace_types =
      true;  ///< false: a directory never takes the place of a file, nor the other way round
  /// Give all to the user that the container runs as (copyUIDGID), instead of the archive's user and group
  /// ids.
  bool to_container_user = false;
};
/// Unpacks a tar archive (never compressed by us; gzip, bzip2, xz and zstd are understood by the engine) into
/// an existing directory.
///
/// Shape:    PUT /containers/{id}/archive?path=...&noOverwriteDirNonDir=...&copyUIDGID=...
/// Errors:   not_found (no such container or path); bad_request or refused (`path` is no directory, or the
///           archive is broken); unauthorized or refused (read-only: 403 or 500). The answer is read even
///           while the archive is being sent (G18).
/// Round trips: one; on Podman a look at `path` before it, because there an absent one would be no error.
/// In doubt: after a lost answer part of it may be there; unpacking again is safe.
boost::asio::awaitable<void> put_archive(Engine& engine, ContainerId id, std::string path,
                                         std::shared_ptr<BodySource> archive, PutArchiveOptions options = {});

/// Reads the whole file system of a container, without its volumes. Shape: GET /containers/{id}/export.
boost::asio::awaitable<ArchiveStream> export_container(Engine& engine, ContainerId id);

}  // namespace halcyon::docker_api
