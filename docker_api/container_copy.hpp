// Files between this machine and a container, whole or not at all.
//
// One function, one round trip: a path is always the final path of what is copied, its last part included,
// and never "into this directory if it is one", so that nothing need be asked first. The archives underneath:
// container_archive.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "docker_api/container_archive.hpp"

namespace halcyon::docker_api {

/// Whose the files in the container are.
enum class CopiedOwner {
  root,
  as_here,         ///< the user and group ids that they have on this machine
  container_user,  ///< the user that the container runs as
};
/// How copy_in() goes about it.
struct CopyInOptions {
  CopiedOwner owner = CopiedOwner::root;
  bool may_replace_types = false;  ///< let a directory take the place of a file, or the other way round
};

/// Copies a file, a symbolic link or a directory with all that is below it into a container, running or not.
///
/// Modes and times go along, files of any size too; links stay links and none is followed;
/// hard links become files of their own. A file or link at `container_path` is replaced, a directory there is
/// added to.
///
/// Round trips: one PUT of the archive into the directory that holds `container_path`, which must exist.
/// Errors:   invalid_argument, naming the file, for one that cannot be read and for sockets, pipes and
/// devices;
///           not_found (no such container or directory), and what put_archive() says.
/// In doubt: part of it may be there after a failure: the engine writes as it reads. Copying again is safe.
/// Threads:  the files are read between the waits, on the caller's thread.
boost::asio::awaitable<void> copy_in(Engine& engine, ContainerId id, std::string host_path,
                                     std::string container_path, CopyInOptions options = {});

/// Writes a file of a container from memory. Otherwise as copy_in().
boost::asio::awaitable<void> write_file(Engine& engine, ContainerId id, std::string container_path,
                                        std::string content, std::uint32_t mode = 0644);

/// How copy_out() goes about it.
struct CopyOutOptions {
  /// Of all files together; a name for each 512 of it, and 1,024 more: whoever owns the container chooses
  /// what is in it.
  std::optional<std::uint64_t> limit_bytes;
  bool durable = false;  ///< fsync (of a tree syncfs) before the final name is there, and of its directory
};

/// What was copied.
struct CopyOutResult {
  PathStat stat;  ///< of the path in the container
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// Copies a file, a symbolic link or a directory with all that is below it out of a container, running or
/// not.
///
/// All of it goes into a directory `.halcyon-copy-XXXXXX` beside `host_path` and is renamed when the archive
/// has come to its end: a transfer that breaks off leaves nothing under the final name, and nothing beside it
/// unless the process is killed. A file takes the place of a file, a directory needs a free name. Without
/// `durable` the name may survive a power cut when the contents do not.
///
/// The container is not trusted: a member that is not below what was asked for, that has ".." in its name or
/// a link on its way, or that comes twice, ends the copy. Permissions and times go along; owners and
/// set-user-id bits do not. Links are copied as they are, wherever they point, and none is followed here;
/// Podman 4.3 sends what a link points to, if the link itself is what is asked for.
///
/// Round trips: one GET of the archive.
/// Errors:   not_found; protocol for an archive that breaks the rules above, holds a device, a pipe or a
/// sparse
///           file in GNU's form, or is over the limit; invalid_argument for what this machine's file system
///           refuses; in_stream, truncated, cancelled, timeout as ArchiveStream.
/// Threads:  the files are written between the waits, on the caller's thread.
boost::asio::awaitable<CopyOutResult> copy_out(Engine& engine, ContainerId id, std::string container_path,
                                               std::string host_path, CopyOutOptions options = {});

/// Reads a file of a container into memory.
///
/// Errors: as copy_out(); invalid_argument if the path is no file: a link is not followed.
boost::asio::awaitable<std::string> read_file(Engine& engine, ContainerId id, std::string container_path,
                                              std::size_t limit_bytes = std::size_t{16} * 1024 * 1024);

}  // namespace halcyon::docker_api
