#include "docker_api/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "docker_api/error.hpp"
#include "docker_api/file_descriptor.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr int k_first_free_descriptor = 3;
constexpr std::chrono::milliseconds k_look_every{5};
constexpr int k_exit_code_unknown = 255;  // somebody else has reaped the child

// glibc 2.36 declares the functions for these without extern "C".
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
void send_signal(int pidfd, int signal) { ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0); }

[[noreturn]] void refuse_start(const std::string& program, int number) {
  const bool is_short_of_something = number == EAGAIN || number == ENOMEM || number == EMFILE;
  throw Error(
      {.kind = is_short_of_something ? ErrorKind::unreachable : ErrorKind::invalid_argument,
       .endpoint = program,
       .explanation = fmt::format("cannot be run: {}; check that it is an executable file of this machine",
                                  std::strerror(number))});
}

std::vector<char*> make_pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// What posix_spawn does in the child: descriptors 0 to 2, nothing else open.
class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void redirect(int target, int source) {
    if (source < 0) {
      ::posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", O_RDWR, 0);
      return;
    }
    // A copy above 2, so that no dup2 overwrites the source of the next.
    FileDescriptor& copy = copies_.at(static_cast<std::size_t>(target));
    copy.reset(::fcntl(source, F_DUPFD_CLOEXEC, k_first_free_descriptor));
    ::posix_spawn_file_actions_adddup2(&actions_, copy.get(), target);
  }
  void close_the_rest() { ::posix_spawn_file_actions_addclosefrom_np(&actions_, k_first_free_descriptor); }
  const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
  std::array<FileDescriptor, k_first_free_descriptor> copies_;
};

/// Signals as a fresh program expects them, whatever ours blocks or ignores.
class SpawnAttributes {
 public:
  explicit SpawnAttributes(bool own_session) {
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (own_session) flags |= POSIX_SPAWN_SETSID;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

pid_t spawn(const ChildCommand& command) {
  if (command.argv.empty() || !command.argv.front().starts_with('/')) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = command.argv.empty() ? "child process" : command.argv.front(),
                 .explanation = "cannot be run: an absolute path is needed; see find_program()"});
  }
  SpawnActions actions;
  actions.redirect(STDIN_FILENO, command.streams.standard_input);
  actions.redirect(STDOUT_FILENO, command.streams.standard_output);
  actions.redirect(STDERR_FILENO, command.streams.standard_error);
  actions.close_the_rest();
  const SpawnAttributes attributes(command.own_session);
  pid_t pid = -1;
  const int number =
      ::posix_spawn(&pid, command.argv.front().c_str(), actions.get(), attributes.get(),
                    make_pointers(command.argv).data(), make_pointers(command.environment).data());
  if (number != 0) refuse_start(command.argv.front(), number);
  return pid;
}

bool is_executable_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

ChildProcess::ChildProcess(const asio::any_io_executor& executor, const ChildCommand& command)
    : pid_(spawn(command)), own_session_(command.own_session), pidfd_(executor) {
  // The child is not reaped yet, so the number is still its own.
  FileDescriptor pidfd(open_pidfd(pid_));
  boost::system::error_code error;
  if (pidfd.is_open()) pidfd_.assign(pidfd.get(), error);
  if (pidfd.is_open() && !error) {
    pidfd.release();
    return;
  }
  const int number = error ? error.value() : errno;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  refuse_start(command.argv.front(), number);
}

ChildProcess::~ChildProcess() {
  kill(SIGKILL);
  reap(0);
}

bool ChildProcess::reap(int options) noexcept {
  if (exit_code_) return true;
  siginfo_t ended{};
  int result = 0;
  do {
    result = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &ended, WEXITED | options);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    exit_code_ = k_exit_code_unknown;
  } else if (ended.si_pid != 0) {
    exit_code_ = ended.si_code == CLD_EXITED ? ended.si_status : 128 + ended.si_status;
  }
  return exit_code_.has_value();
}

asio::awaitable<int> ChildProcess::wait() {
  while (!reap(WNOHANG)) {
    boost::system::error_code error;
    co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, error));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (error || state.cancelled() != asio::cancellation_type::none) {
      throw Error({.kind = ErrorKind::cancelled,
                   .endpoint = "child process",
                   .explanation = "the caller stopped waiting for it"});
    }
  }
  co_return exit_code_.value_or(k_exit_code_unknown);
}

asio::awaitable<std::optional<int>> ChildProcess::wait_for(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  asio::steady_timer timer(pidfd_.get_executor());
  while (!reap(WNOHANG) && std::chrono::steady_clock::now() < deadline) {
    boost::system::error_code cancelled;
    timer.expires_after(k_look_every);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) break;
  }
  co_return exit_code_;
}

void ChildProcess::kill(int signal) noexcept {
  if (exit_code_) return;
  if (own_session_) ::kill(-pid_, signal);  // not reaped yet, so the group is still the child's
  send_signal(pidfd_.native_handle(), signal);
}

std::optional<std::string> find_program(std::string_view search_path, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return std::nullopt;
  while (!search_path.empty()) {
    const std::size_t colon = search_path.find(':');
    const std::string_view directory = search_path.substr(0, colon);
    // A relative directory would make the working directory part of what we trust.
    if (directory.starts_with('/')) {
      if (std::string path = fmt::format("{}/{}", directory, name); is_executable_file(path)) return path;
    }
    if (colon == std::string_view::npos) break;
    search_path.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

}  // namespace halcyon::docker_api
