// Running programs and measuring them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lab_environment.hpp"

namespace halcyon::bench {

struct ProcessFigures {
  double milliseconds = 0;    ///< from before its start until it is reaped
  double peak_megabytes = 0;  ///< of memory, 10^6 bytes
  int exit_code = 0;
  std::string output;  ///< standard output; standard error goes to process.err in the work directory
};

/// Runs a command to its end. Errors: std::runtime_error if it cannot be started.
ProcessFigures run_measured(const LabEnvironment& lab, const std::vector<std::string>& command);
/// The same, for a command that must succeed. Errors: std::runtime_error with what it said.
ProcessFigures run_or_throw(const LabEnvironment& lab, const std::vector<std::string>& command);

/// The docker command, whole, spoken to an engine at `docker_host`, its output dropped; seconds. `words` go
/// through a shell, for `<`. Errors: std::runtime_error with its exit code.
double run_docker_command(const LabEnvironment& lab, const std::string& docker_host,
                          const std::string& words);

std::string read_text_file(const std::string& path);

/// A program that runs beside us until its standard input is closed; it is also closed if we are killed.
class BackgroundProcess {
 public:
  /// Errors: std::runtime_error if it cannot be started.
  BackgroundProcess(const std::vector<std::string>& command, const std::string& output_file);
  ~BackgroundProcess();
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;

  pid_t pid() const noexcept { return pid_; }
  /// Closes its input and waits for its end; its exit code.
  int finish();

 private:
  int input_ = -1;
  pid_t pid_ = 0;
};

}  // namespace halcyon::bench
