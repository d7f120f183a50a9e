// /containers/{id}/checkpoints: a running container's processes, frozen on disk by CRIU.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;

/// How a checkpoint is made.
struct CheckpointOptions {
  std::string directory;       ///< absolute path on the engine's host; empty: the container's own
  bool leave_running = false;  ///< false: the container has exited when the call returns
};
/// Freezes the container's processes under `name`; start_container() with that checkpoint goes on from there.
///
/// Shape:    POST /containers/{id}/checkpoints {"CheckpointID","CheckpointDir","Exit"}; 201
/// Errors:   not_found; refused (501) by an engine without experimental features, see
/// EngineInfo::experimental;
///           refused (500) for a name that is taken and with CRIU's words; invalid_argument for an empty
///           name.
/// In doubt: after a timeout the checkpoint may exist and the container may have exited.
/// Source:   moby daemon/server/router/checkpoint; not in swagger.
boost::asio::awaitable<void> create_checkpoint(Engine& engine, ContainerId id, std::string name,
                                               CheckpointOptions options = {});
/// The names of a container's checkpoints; `directory` as in CheckpointOptions. Errors: not_found.
boost::asio::awaitable<std::vector<std::string>> list_checkpoints(Engine& engine, ContainerId id,
                                                                  std::string directory = {});
/// Removes one. Returns false if the container is not there. Errors: refused (500) if the checkpoint is not;
/// invalid_argument for an empty name.
boost::asio::awaitable<bool> remove_checkpoint(Engine& engine, ContainerId id, std::string name,
                                               std::string directory = {});

}  // namespace halcyon::docker_api
