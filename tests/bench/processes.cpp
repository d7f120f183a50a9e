#include "processes.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace halcyon::bench {
namespace {

constexpr mode_t k_file_mode = 0600;
constexpr int k_write = O_WRONLY | O_CREAT | O_TRUNC;

/// Where a child's three standard streams go.
class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void open(int descriptor, const std::string& path, int flags) {
    ::posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), flags, k_file_mode);
  }
  void duplicate(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t spawn(const std::vector<std::string>& command, const FileActions& streams) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0], streams.get(), nullptr, arguments.data(), environ);
  if (error != 0) throw std::runtime_error("cannot start " + command[0] + ": " + std::strerror(error));
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string to_line(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

std::string read_text_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

ProcessFigures run_measured(const LabEnvironment& lab, const std::vector<std::string>& command) {
  const std::string base = lab.work_directory + "/process";
  std::vector<std::string> measured{lab.build_directory + "/tests/bench/bench_spawn", base + ".figures"};
  measured.insert(measured.end(), command.begin(), command.end());
  FileActions streams;
  streams.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  streams.open(STDOUT_FILENO, base + ".out", k_write);
  streams.open(STDERR_FILENO, base + ".err", k_write);
  if (wait_for(spawn(measured, streams)) != 0) {
    throw std::runtime_error(to_line(command) + " could not be run: " + read_text_file(base + ".err"));
  }
  double microseconds = 0;
  double kilobytes = 0;
  ProcessFigures figures;
  std::istringstream report(read_text_file(base + ".figures"));
  report >> microseconds >> kilobytes >> figures.exit_code;
  figures.milliseconds = microseconds / 1000;
  figures.peak_megabytes = kilobytes * 1024 / 1e6;
  figures.output = read_text_file(base + ".out");
  return figures;
}

ProcessFigures run_or_throw(const LabEnvironment& lab, const std::vector<std::string>& command) {
  ProcessFigures figures = run_measured(lab, command);
  if (figures.exit_code == 0) return figures;
  throw std::runtime_error(to_line(command) + " ended with " + std::to_string(figures.exit_code) + ": " +
                           figures.output + read_text_file(lab.work_directory + "/process.err"));
}

double run_docker_command(const LabEnvironment& lab, const std::string& docker_host,
                          const std::string& words) {
  const std::string line = "exec docker --host " + docker_host + ' ' + words + " >/dev/null 2>/dev/null";
  return run_or_throw(lab, {"/bin/sh", "-c", line}).milliseconds / 1000;
}

BackgroundProcess::BackgroundProcess(const std::vector<std::string>& command,
                                     const std::string& output_file) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  input_ = ends[1];
  FileActions streams;
  streams.duplicate(ends[0], STDIN_FILENO);
  streams.open(STDOUT_FILENO, output_file, k_write);
  try {
    pid_ = spawn(command, streams);
  } catch (...) {
    ::close(ends[0]);
    ::close(input_);
    throw;
  }
  ::close(ends[0]);
}

BackgroundProcess::~BackgroundProcess() {
  if (pid_ != 0) finish();
}

int BackgroundProcess::finish() {
  ::close(input_);
  const int exit_code = wait_for(pid_);
  pid_ = 0;
  return exit_code;
}

}  // namespace halcyon::bench
