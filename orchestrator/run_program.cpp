#include "orchestrator/run_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <memory>

namespace halcyon::orchestrator {
namespace {

/// Starts the program with its output in `write_end`; 0 or an error number.
int spawn(const std::vector<std::string>& argv, int write_end, pid_t& pid) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::array<char*, 3> environment{const_cast<char*>("PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
                                   const_cast<char*>("LC_ALL=C"), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDERR_FILENO);
  const int result =
      ::posix_spawn(&pid, argv.front().c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/// Kills the child if it is still there when the coroutine ends, however it ends.
struct ChildGuard {
  pid_t pid = -1;
  ~ChildGuard() {
    if (pid < 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
};

}  // namespace

boost::asio::awaitable<ProgramResult> run_program(boost::asio::any_io_executor executor,
                                                  std::vector<std::string> argv,
                                                  std::chrono::milliseconds deadline,
                                                  std::size_t output_limit_bytes) {
  ProgramResult result;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    result.output = fmt::format("no pipe: {}", std::strerror(errno));
    co_return result;
  }
  boost::asio::posix::stream_descriptor reader(executor, ends[0]);
  ChildGuard child;
  const int error_number = spawn(argv, ends[1], child.pid);
  ::close(ends[1]);
  if (error_number != 0) {
    child.pid = -1;
    result.output = fmt::format("{}: {}", argv.front(), std::strerror(error_number));
    co_return result;
  }
  result.started = true;

  boost::asio::steady_timer timer(executor, deadline);
  struct Watch {
    pid_t pid;
    bool timed_out = false;
  };
  const auto watch = std::make_shared<Watch>(Watch{child.pid});
  timer.async_wait([watch](const boost::system::error_code& error) {
    if (error || watch->pid < 0) return;
    watch->timed_out = true;
    ::kill(watch->pid, SIGKILL);
  });
  std::array<char, 4096> buffer{};
  boost::system::error_code error;
  while (!error) {
    const std::size_t got = co_await reader.async_read_some(
        boost::asio::buffer(buffer), boost::asio::redirect_error(boost::asio::use_awaitable, error));
    result.output.append(buffer.data(), std::min(got, output_limit_bytes - result.output.size()));
  }
  timer.cancel();
  watch->pid = -1;  // from here on the number may belong to another process
  if (error == boost::asio::error::operation_aborted)
    co_return result;  // cancelled: the guard ends the child
  // The pipe is closed, so the program has ended, or will within the time a process needs to die.
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  child.pid = -1;
  result.exit_code = exit_code_of(status);
  result.timed_out = watch->timed_out;
  co_return result;
}

}  // namespace halcyon::orchestrator
