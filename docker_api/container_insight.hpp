// What goes on inside a container: its processes, and what it has changed in its file system.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;

/// A table as `ps` prints it: the columns depend on the arguments and on the host's `ps`.
struct ProcessList {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> rows;
};
/// Lists the processes of a running container.
///
/// Shape:  GET /containers/{id}/top?ps_args=...; empty arguments: the engine's own, "-ef".
/// Errors: not_found; conflict or refused if it is not running.
boost::asio::awaitable<ProcessList> list_processes(Engine& engine, ContainerId id,
                                                   std::string ps_arguments = {});

/// What became of a path since the container's image.
enum class FileChangeKind { modified, added, deleted };
/// A path that differs from the container's image.
struct FileChange {
  FileChangeKind kind = FileChangeKind::modified;
  std::string path;
};
/// Lists what differs from the image. Shape: GET /containers/{id}/changes; null is nothing.
boost::asio::awaitable<std::vector<FileChange>> list_file_changes(Engine& engine, ContainerId id);

}  // namespace halcyon::docker_api
