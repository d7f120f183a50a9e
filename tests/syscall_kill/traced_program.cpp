#include "traced_program.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <system_error>

namespace halcyon::syscall_kill {
namespace {

constexpr int k_call_stop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD
constexpr int k_cannot_execute = 127;

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The child, stopped before it becomes the program.
pid_t begin_traced(const std::vector<std::string>& words) {
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t process = ::fork();
  if (process < 0) throw_errno("fork");
  if (process == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    ::execv(pointers[0], pointers.data());
    ::_exit(k_cannot_execute);
  }
  int status = 0;
  if (::waitpid(process, &status, __WALL) != process || !WIFSTOPPED(status))
    throw_errno("wait for " + words[0]);
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, process, nullptr, options) != 0) throw_errno("trace " + words[0]);
  return process;
}

class Tracer {
 public:
  Tracer(pid_t process, const std::optional<Target>& target, PointNames names, const Observer& observer)
      : process_(process), target_(target), names_(std::move(names)), observer_(observer) {
    at_call_[process];
  }

  Ending follow() {
    resume(process_, 0);
    for (;;) {
      int status = 0;
      const pid_t thread = ::waitpid(-1, &status, __WALL);
      if (thread < 0 && errno == EINTR) continue;
      if (thread < 0) throw_errno("wait");
      if (WIFSTOPPED(status)) {
        resume(thread, look_at_stop(thread, status));
      } else {
        at_call_.erase(thread);
        if (thread != process_) continue;
        ending_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        ending_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        return ending_;
      }
    }
  }

 private:
  /// The signal to deliver when it goes on.
  int look_at_stop(pid_t thread, int status) {
    const int signal = WSTOPSIG(status);
    if (signal == k_call_stop) {
      if (is_program_) look_at_call(thread);
      return 0;
    }
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC) is_program_ = true;
    const bool is_new_thread = at_call_.try_emplace(thread).second;
    return event != 0 || (is_new_thread && signal == SIGSTOP) ? 0 : signal;
  }

  void look_at_call(pid_t thread) {
    __ptrace_syscall_info stop{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof stop, &stop) <= 0)
      return;  // it was killed meanwhile
    std::string& point = at_call_[thread];
    if (stop.op == PTRACE_SYSCALL_INFO_ENTRY) {
      CallAtEntry call{.thread = thread, .number = stop.entry.nr};
      std::copy(std::begin(stop.entry.args), std::end(stop.entry.args), std::begin(call.arguments));
      point = names_.name(call).value_or("");
      if (point.empty()) return;
      observer_.on_point(point);
      kill_if(Moment::before, point);
    } else if (stop.op == PTRACE_SYSCALL_INFO_EXIT && !point.empty()) {
      kill_if(Moment::after, point);
      point.clear();
    }
  }

  void kill_if(Moment moment, const std::string& point) {
    if (!target_ || ending_.killed_here || target_->moment != moment || target_->point != point) return;
    observer_.before_kill(process_);
    ending_.killed_here = ::kill(process_, SIGKILL) == 0;
  }

  static void resume(pid_t thread, int signal) {
    // ESRCH: it was killed while it was stopped; waitpid tells.
    if (::ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal)) != 0 && errno != ESRCH)
      throw_errno("resume");
  }

  const pid_t process_;
  const std::optional<Target>& target_;
  PointNames names_;
  const Observer& observer_;
  Ending ending_;
  bool is_program_ = false;               ///< what comes before is the loader of the words
  std::map<pid_t, std::string> at_call_;  ///< by thread; the point it is at, empty if it is at none
};

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  for (const auto& [moment, word] : {std::pair{Moment::before, std::string_view("before ")},
                                     std::pair{Moment::after, std::string_view("after ")}}) {
    if (text.starts_with(word) && text.size() > word.size())
      return Target{moment, std::string(text.substr(word.size()))};
  }
  return std::nullopt;
}

Ending run_traced(const std::vector<std::string>& words, const std::optional<Target>& target,
                  PointNames names, const Observer& observer) {
  return Tracer(begin_traced(words), target, std::move(names), observer).follow();
}

}  // namespace halcyon::syscall_kill
