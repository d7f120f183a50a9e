// /exec: a further process in a running container.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/containers.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/process_stream.hpp"

namespace halcyon::docker_api {

/// An exec's 64-digit id.
using ExecId = Id<struct ExecTag>;

/// What to run in a container, and how.
struct ExecOptions {
  std::vector<std::string> command;  ///< argv; no shell unless it is one
  std::vector<std::pair<std::string, std::string>> environment;
  std::string user;         ///< "uid:gid" or names; empty: the container's
  std::string working_dir;  ///< empty: the container's
  bool stdin_open = false;
  bool stdout_open = true;
  bool stderr_open = true;
  bool tty = false;
  bool privileged = false;
  std::string detach_keys;
  std::optional<ConsoleSize> console_size;  ///< with `tty`; needs API 1.42
};

/// Prepares an exec. Shape: POST /containers/{id}/exec; 201 with the id.
/// Errors: not_found, conflict (container not running or paused), invalid_argument (no command), unsupported.
boost::asio::awaitable<ExecId> create_exec(Engine& engine, ContainerId container, ExecOptions options);

/// Starts it and takes over its streams. `tty` as it was created with.
///
/// Shape:  POST /exec/{id}/start, upgraded.
/// Errors: not_found, conflict (started already, container not running). That the command does not exist is
///         no error here: it is told in the output, and the exit code is 126 or 127 (G6).
boost::asio::awaitable<ProcessStream> start_exec(Engine& engine, ExecId id, bool tty = false);
/// Starts it without its streams.
boost::asio::awaitable<void> start_exec_detached(Engine& engine, ExecId id, bool tty = false);
/// Errors: not_found; refused if it has no terminal.
boost::asio::awaitable<void> resize_exec(Engine& engine, ExecId id, ConsoleSize size);

/// What became of an exec.
struct ExecDetails {
  ExecId id;
  ContainerId container;
  bool running = false;
  std::optional<std::int64_t>
      exit_code;  ///< nothing before it has ended: created and running are no success (G11)
  std::int64_t pid = 0;
};
/// Asks what became of an exec. Shape: GET /exec/{id}/json. Errors: not_found.
boost::asio::awaitable<ExecDetails> inspect_exec(Engine& engine, ExecId id);

/// What run_exec() sends, and how much it gathers.
struct ExecInput {
  std::string stdin_text;  ///< written to standard input, which is then closed
  std::size_t output_limit_bytes = std::size_t{16} * 1024 * 1024;  ///< for both streams together
  /// It may close its output and go on, as daemons do. Otherwise that is `truncated`: a cut connection looks
  /// the same.
  bool may_outlive_output = false;
};

/// What a command wrote and how it ended.
struct ExecOutput {
  std::string stdout_text;  ///< with a terminal: everything
  std::string stderr_text;
  std::int64_t exit_code = 0;
  /// Podman broke the connection off because the process had left some of its input unread: the end of the
  /// output may be missing.
  bool is_cut = false;
};

/// Runs a command in a container to its end.
///
/// Round trips: create, start, then inspect until the engine knows the exit code (usually one).
/// Errors:      those of the calls; protocol if the output is longer than the limit; truncated if the output
///              ends and the command still runs two seconds later.
/// In doubt:    after a lost answer the command may have run.
boost::asio::awaitable<ExecOutput> run_exec(Engine& engine, ContainerId container, ExecOptions options,
                                            ExecInput input = {});

}  // namespace halcyon::docker_api
