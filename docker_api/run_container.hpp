// A container run to its end, the way `docker run` does it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// What run_container() sends, and how much it gathers.
struct RunInput {
  std::string stdin_text;  ///< written to standard input, which is then closed; also if it is empty
  bool remove = true;      ///< the container and its anonymous volumes, whatever happens
  std::size_t output_limit_bytes = std::size_t{16} * 1024 * 1024;  ///< for both streams together
  /// It may close its output and go on, as daemons do. Otherwise that is `truncated`: a cut connection looks
  /// the same.
  bool may_outlive_output = false;
};

/// What a container wrote and how it ended.
struct RunOutput {
  ContainerId id;  ///< gone already if it was to be removed
  std::int64_t exit_code = 0;
  std::string stdout_text;
  std::string stderr_text;
  /// Podman broke the connection off because the process had left some of its input unread: the end of the
  /// output may be missing.
  bool is_cut = false;
};

/// Creates a container, attaches, starts it and gathers its output until it has ended.
///
/// Round trips: create, attach, wait (armed before the start, G20), start, inspect until it has ended (mostly
///              one), remove. No exit code can be missed.
/// Errors:      those of the calls; truncated if the output ends and the container still runs two seconds
///              later. A program's exit code other than 0 is a result, not an error. If it fails
///              half-way or is cancelled, the container is removed all the same if `remove` says so. The
///              creation itself is not cancelled, but waited for: what has no id yet could not be removed.
boost::asio::awaitable<RunOutput> run_container(Engine& engine, ContainerSpec spec, RunInput input = {});

}  // namespace halcyon::docker_api
