// POST /containers/{id}/attach: the streams of a container's main process.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "docker_api/containers.hpp"
#include "docker_api/process_stream.hpp"

namespace halcyon::docker_api {

/// Which streams, and whether from the start.
struct AttachOptions {
  bool stdin_open = false;  ///< needs ContainerSpec::open_stdin
  bool stdout_open = true;
  bool stderr_open = true;
  bool logs = false;   ///< first what it has written so far
  bool stream = true;  ///< then what it writes from now on
  std::string detach_keys;
  std::optional<bool> tty;  ///< if known; otherwise asked with an inspect where the engine does not tell (G8)
};

/// Attaches; before the start, nothing of the output is missed.
///
/// Errors: not_found; conflict if it is paused. Attached to a container that never runs it may wait for ever:
///         cancel it, or arm a wait beside it (G10).
boost::asio::awaitable<ProcessStream> attach_container(Engine& engine, ContainerId id,
                                                       AttachOptions options = {});

}  // namespace halcyon::docker_api
