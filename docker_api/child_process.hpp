// A child process that can be waited for on an executor. Linux only: the wait is for a pidfd.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::docker_api {

/// What the child gets as descriptors 0, 1 and 2; they stay the caller's, who closes its own copies after the
/// start. -1 is /dev/null. Everything else the caller has open is closed in the child.
struct ChildStreams {
  int standard_input = -1;
  int standard_output = -1;
  int standard_error = -1;
};

/// What to run, with what environment.
struct ChildCommand {
  std::vector<std::string> argv;         ///< argv[0] is an absolute path
  std::vector<std::string> environment;  ///< "NAME=value"
  ChildStreams streams;
  /// In a session of its own: no terminal, no Ctrl-C from ours, and kill() reaches its children too.
  bool own_session = false;
};

/// One child process, started without a shell.
///
/// Errors:  invalid_argument if the program cannot be run, unreachable if the machine has no room for another
///          process.
/// Owns:    the child: whoever is still there at the end is killed and reaped. That blocks only as long as a
///          killed process takes to die.
/// Threads: one at a time, the executor's.
/// Source:  pidfd_open(2), posix_spawn(3), waitid(2); man-pages 6.03.
class ChildProcess {
 public:
  /// Starts it. Errors: invalid_argument or unreachable if it cannot be started.
  ChildProcess(const boost::asio::any_io_executor& executor, const ChildCommand& command);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// The process's id.
  pid_t pid() const noexcept { return pid_; }
  /// Waits for the end; the exit code, or 128 + signal. May be asked again. Errors: cancelled.
  boost::asio::awaitable<int> wait();
  /// The same, but nothing if it still runs after `limit` or when the caller gives up.
  boost::asio::awaitable<std::optional<int>> wait_for(std::chrono::milliseconds limit);
  /// Sends a signal; nothing happens if the child has been waited for.
  void kill(int signal = SIGKILL) noexcept;

 private:
  bool reap(int options) noexcept;

  pid_t pid_ = -1;
  bool own_session_ = false;
  std::optional<int> exit_code_;
  boost::asio::posix::stream_descriptor pidfd_;
};

/// The first executable file `name` in the absolute directories of `search_path`, a PATH. Nothing for a name
/// with a slash.
std::optional<std::string> find_program(std::string_view search_path, const std::string& name);

}  // namespace halcyon::docker_api
