#include "harness_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace halcyon::lab_tests {
namespace {

using Clock = std::chrono::steady_clock;

std::mutex known_mutex;
std::set<pid_t> known;                // started by us and not collected yet
std::atomic<bool> killed_one{false};  // its children may outlive it a little

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return ends;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& more) {
  std::vector<std::string> result;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string text(*line);
    if (!more.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : more) result.push_back(name + "=" + value);
  return result;
}

std::vector<json> parse_events(const std::string& text) {
  std::vector<json> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    json event = json::parse(line, nullptr, false);
    if (event.is_object()) events.push_back(std::move(event));
  }
  return events;
}

bool is_event(const json& event, const std::string& kind, const std::string& step) {
  return event.value("event", "") == kind && (step.empty() || event.value("step", "") == step);
}

/// Our children that we did not start: they were orphaned and given to us.
std::vector<pid_t> list_orphans() {
  std::vector<pid_t> orphans;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      const std::lock_guard lock(known_mutex);
      if (!known.contains(pid)) orphans.push_back(pid);
    }
  }
  return orphans;
}

std::string name_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name + " (pid " + std::to_string(pid) + ")";
}

}  // namespace

bool wait_until(const std::function<bool()>& holds, milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!holds()) {
    if (Clock::now() >= end) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

Running::Running(const Program& program) {
  const auto out = make_pipe();
  const auto err = make_pipe();
  std::array<int, 2> in{-1, -1};
  if (program.keeps_stdin) in = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (program.keeps_stdin) {
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  } else {
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  if (!program.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, program.directory.c_str());
  std::vector<std::string> words = program.words;
  std::vector<std::string> variables = merged_environment(program.variables);
  int failed = 0;
  {
    const std::lock_guard lock(known_mutex);
    failed = ::posix_spawn(&pid_, words.at(0).c_str(), &actions, nullptr, pointers(words).data(),
                           pointers(variables).data());
    if (failed == 0) known.insert(pid_);
  }
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(err[1]);
  if (program.keeps_stdin) ::close(in[0]);
  stdin_ = in[1];
  out_fd_ = out[0];
  err_fd_ = err[0];
  if (failed != 0) {
    close_stdin();
    close_read_ends();
    throw std::system_error(failed, std::generic_category(), "cannot start " + words.at(0));
  }
  reader_ = std::thread([this] { read_until_closed(); });
}

Running::~Running() {
  if (!finished_) {
    send(SIGKILL);
    finish();
  }
}

void Running::send(int signal) const { ::kill(pid_, signal); }

void Running::close_stdin() {
  if (stdin_ >= 0) ::close(stdin_);
  stdin_ = -1;
}

void Running::close_read_ends() {
  ::close(out_fd_);
  ::close(err_fd_);
}

void Running::read_until_closed() {
  std::array<pollfd, 2> ends{{{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}}};
  std::array<char, 16384> buffer{};
  int open = 2;
  while (open > 0) {
    if (::poll(ends.data(), ends.size(), -1) < 0) continue;
    for (std::size_t index = 0; index < ends.size(); ++index) {
      if (ends.at(index).fd < 0 || ends.at(index).revents == 0) continue;
      const ssize_t count = ::read(ends.at(index).fd, buffer.data(), buffer.size());
      const std::lock_guard lock(mutex_);
      if (count > 0) {
        (index == 0 ? out_ : err_).append(buffer.data(), static_cast<std::size_t>(count));
      } else {
        ends.at(index).fd = -1;
        --open;
      }
      changed_.notify_all();
    }
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool Running::wait_for_event(const std::string& kind, const std::string& step, milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  std::unique_lock lock(mutex_);
  for (;;) {
    for (const json& event : parse_events(err_)) {
      if (is_event(event, kind, step)) return true;
    }
    if (closed_ || changed_.wait_until(lock, end) == std::cv_status::timeout) return false;
  }
}

bool Running::wait_for_output(const std::string& text, milliseconds deadline) {
  std::unique_lock lock(mutex_);
  const auto says_it = [&] { return out_.find(text) != std::string::npos; };
  changed_.wait_for(lock, deadline, [&] { return closed_ || says_it(); });
  return says_it();
}

Finished Running::finish(milliseconds deadline) {
  if (finished_) return *finished_;
  close_stdin();
  int status = 0;
  bool in_time = wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, deadline);
  if (!in_time) {
    send(SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  {
    const std::lock_guard lock(known_mutex);
    known.erase(pid_);
  }
  reader_.join();
  close_read_ends();
  Finished result;
  result.out = out_;
  result.err = err_;
  if (in_time && WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (in_time && WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (!in_time) result.err += "\n(the test killed it: it did not end in time)\n";
  if (result.exit_code < 0) killed_one = true;
  result.document = json::parse(out_, nullptr, false);
  result.events = parse_events(err_);
  finished_ = result;
  return result;
}

Finished run(const Program& program, milliseconds deadline) { return Running(program).finish(deadline); }

std::vector<std::string> find_left_processes() {
  std::vector<std::string> names;
  const bool may_outlive = killed_one.exchange(false);
  for (const pid_t pid : list_orphans()) {
    if (!may_outlive) names.push_back(name_of(pid));
    if (!wait_until([pid] { return ::waitpid(pid, nullptr, WNOHANG) != 0; }, seconds(5))) {
      names.push_back(name_of(pid) + ", which does not end");
    }
  }
  return names;
}

namespace {
/// From the start of the process, so that WithoutReaping always has something to undo.
[[maybe_unused]] const int k_reaping = ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}  // namespace

WithoutReaping::WithoutReaping() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
WithoutReaping::~WithoutReaping() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

}  // namespace halcyon::lab_tests
