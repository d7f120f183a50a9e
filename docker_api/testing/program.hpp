// What containers of the fake engine do: nothing is executed, everything is said beforehand.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api::fake {

struct Output {
  LogStream stream = LogStream::stdout_stream;
  std::string text;  ///< lines, each with its line end
};

/// What a container's health check finds out; it matters only to containers that have one.
enum class Health { starting, healthy, unhealthy };

/// The life of one process.
struct Program {
  /// The runtime's words; the start is refused with them (an exec prints them and has exit code 126).
  std::string cannot_start;
  std::vector<Output> output;  ///< written at once
  /// Waits for the end of its input first and copies it to stdout, before `output`.
  bool echoes_input = false;
  /// Ends by itself after this time, counted from its output. Nothing: it runs until it is stopped.
  std::optional<std::chrono::milliseconds> runs_for;
  int exit_code = 0;  ///< when it ends by itself
  /// Written, and exit code, when it gets its stop signal. Nothing: it does not react and is killed (137).
  std::vector<Output> last_output;
  std::optional<int> exit_code_when_stopped = 0;

  Health health = Health::healthy;
  std::chrono::milliseconds health_after{0};  ///< since the start
  std::string health_output;                  ///< what the probe wrote
};

/// Runs until it is stopped, then exits with 0. `Program{}` with a name.
inline Program runs_until_stopped(std::vector<Output> output = {}) { return {.output = std::move(output)}; }
/// Writes and exits at once.
inline Program exits_with(int code, std::vector<Output> output = {}) {
  return {.output = std::move(output), .runs_for = std::chrono::milliseconds{0}, .exit_code = code};
}

/// What is about to be run, for choosing its program.
struct Launch {
  std::string container;             ///< its name
  std::string image;                 ///< as it was given at create
  std::vector<std::string> command;  ///< entrypoint and command
  std::vector<std::string> environment;
  std::map<std::string, std::string> labels;
  int starts = 0;  ///< how often this container was started before
};
using ProgramChooser = std::function<Program(const Launch&)>;

}  // namespace halcyon::docker_api::fake
