// kill_at_call: runs a program and kills it with SIGKILL just before or just after one of its system calls.
// It ends as the program has ended, by the same signal.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "traced_program.hpp"

namespace {

using namespace halcyon::syscall_kill;

struct Options {
  std::string at;
  std::string points_file;
  std::string seen_file;
  std::vector<std::string> names;
  bool every_call = false;
  std::vector<std::string> words;
};

std::string read_proc(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + '/' + name, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  std::replace(text.begin(), text.end(), '\0', '\n');
  return text;
}

/// Arguments and environment of the program and of what it has started.
void write_what_is_seen(std::ostream& out, pid_t process) {
  out << read_proc(process, "cmdline") << '\n' << read_proc(process, "environ") << '\n';
  std::error_code gone;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) write_what_is_seen(out, child);
  }
}

Replacements replacements_of(const std::vector<std::string>& names) {
  Replacements result;
  for (const std::string& name : names) {
    const auto equals = name.find('=');
    if (equals == std::string::npos || equals + 1 == name.size())
      throw CLI::ValidationError("--name", name + " is not NAME=TEXT");
    result.emplace_back(name.substr(equals + 1), name.substr(0, equals));
  }
  return result;
}

void parse_options(int count, char** arguments, Options& options) {
  CLI::App app{"Runs a program and kills it just before or after one of its system calls."};
  app.positionals_at_end();
  app.add_option("--at", options.at, "'before POINT' or 'after POINT'; without it the program is not killed");
  app.add_option("--points", options.points_file, "write the points here, as they are met");
  app.add_option("--seen", options.seen_file, "add arguments and environment at the moment of death here");
  app.add_option("--name", options.names, "NAME=TEXT: writes NAME where a point has TEXT")
      ->allow_extra_args(false);
  app.add_flag("--every-call", options.every_call, "count calls, too, that change nothing outside");
  app.add_option("program", options.words, "the program's path and its arguments, behind --")->required();
  app.parse(count, arguments);
  if (!options.at.empty() && !parse_target(options.at))
    throw CLI::ValidationError("--at", "begins with 'before ' or 'after '");
}

int run(const Options& options) {
  std::ofstream points(options.points_file);
  const Observer observer{.on_point = [&](const std::string& point) { points << point << '\n'; },
                          .before_kill =
                              [&](pid_t process) {
                                if (options.seen_file.empty()) return;
                                std::ofstream seen(options.seen_file, std::ios::app);
                                write_what_is_seen(seen, process);
                              }};
  const Ending ending =
      run_traced(options.words, options.at.empty() ? std::nullopt : parse_target(options.at),
                 PointNames(replacements_of(options.names), options.every_call), observer);
  points.flush();
  if (ending.signal == 0) return ending.exit_code;
  constexpr rlimit k_no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &k_no_core);
  ::signal(ending.signal, SIG_DFL);
  ::raise(ending.signal);
  return 128 + ending.signal;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  try {
    parse_options(argc, argv, options);
    return run(options);
  } catch (const CLI::CallForHelp&) {
    std::cout << "kill_at_call [--at 'before POINT'] [--points FILE] [--seen FILE] [--name NAME=TEXT]... "
                 "[--every-call] -- PROGRAM ARGUMENT...\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "kill_at_call: " << error.what() << '\n';
    return 2;
  }
}
