// Runs a program with an argument vector, never through a shell.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace halcyon::orchestrator {

struct ProgramResult {
  bool started = false;
  int exit_code = -1;  ///< 128 + signal if it was killed
  bool timed_out = false;
  std::string output;  ///< stdout and stderr together, cut at the limit
};

inline constexpr std::size_t k_program_output_limit_bytes = std::size_t{64} * 1024;

/// Runs argv[0] (an absolute path) with an empty standard input and a minimal environment, and waits for it.
///
/// Errors: never throws for what the program does; `started` is false and `output` says why if it cannot be
/// run. After
///         `deadline` it is killed with what it has started.
boost::asio::awaitable<ProgramResult> run_program(
    boost::asio::any_io_executor executor, std::vector<std::string> argv, std::chrono::milliseconds deadline,
    std::size_t output_limit_bytes = k_program_output_limit_bytes);

}  // namespace halcyon::orchestrator
