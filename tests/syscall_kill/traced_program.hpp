// Runs a program under ptrace, counts the system calls of all its threads, and kills it at one of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "call_point.hpp"

namespace halcyon::syscall_kill {

enum class Moment {
  before,  ///< at the entry stop: the call is never made
  after,   ///< at the exit stop: the kernel has done it, the program does not know
};

/// Where the program is to die.
struct Target {
  Moment moment = Moment::before;
  std::string point;  ///< as PointNames names it
};
/// Parses "before POINT" or "after POINT".
std::optional<Target> parse_target(std::string_view text);

/// How the run ended.
struct Ending {
  bool killed_here = false;
  int exit_code = 0;
  int signal = 0;
};

/// What to do at each point, and just before the program is killed.
struct Observer {
  std::function<void(const std::string& point)> on_point;
  std::function<void(pid_t process)> before_kill;
};

/// Runs it to its end, or to `target`. Children that become other programs are not traced, and die as they
/// would.
///
/// Errors: std::system_error if it cannot be started or traced.
/// Threads: ptrace belongs to the calling thread; this process must have no other child.
Ending run_traced(const std::vector<std::string>& words, const std::optional<Target>& target,
                  PointNames names, const Observer& observer);

}  // namespace halcyon::syscall_kill
