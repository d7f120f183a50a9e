// Start time, size and memory of the program, beside the docker command where there is one.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "bench.hpp"
#include "figures.hpp"
#include "processes.hpp"

namespace halcyon::bench {
namespace {

constexpr int k_starts = 50;
constexpr int k_status_runs = 30;
constexpr double k_start_goal_milliseconds = 5;
constexpr double k_process_memory_goal_megabytes = 12;
constexpr double k_binary_goal_megabytes = 6;
constexpr const char* k_docker = "/usr/bin/docker";

double size_in_megabytes(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("cannot look at " + path);
  return static_cast<double>(status.st_size) / 1e6;
}

struct Runs {
  std::vector<double> milliseconds;
  std::vector<double> megabytes;
  double peak() const { return *std::max_element(megabytes.begin(), megabytes.end()); }
};

Runs run_often(const LabEnvironment& lab, const std::vector<std::string>& command, int times) {
  Runs runs;
  run_or_throw(lab, command);  // its pages are in the cache now
  for (int run = 0; run < times; ++run) {
    const auto figures = run_or_throw(lab, command);
    runs.milliseconds.push_back(figures.milliseconds);
    runs.megabytes.push_back(figures.peak_megabytes);
  }
  return runs;
}

}  // namespace

void measure_processes(const LabEnvironment& lab, const std::string& environment) {
  const bool has_docker = ::access(k_docker, X_OK) == 0;
  const Runs status = run_often(lab, lab.halcyon({"status", environment}), k_status_runs);
  print_figure("status_memory", status.peak(), "MB", Goal::at_most, k_process_memory_goal_megabytes);
  print_figure("status_process", median(status.milliseconds), "ms");
  if (has_docker) {
    const Runs list = run_often(lab, {k_docker, "ps", "--all"}, k_status_runs);
    print_figure("status_memory.docker_ps", list.peak(), "MB");
    print_figure("status_process.docker_ps", median(list.milliseconds), "ms");
  }
  const Runs version = run_often(lab, {lab.program(), "version"}, k_starts);
  print_figure("start", median(version.milliseconds), "ms", Goal::at_most, k_start_goal_milliseconds);
  print_figure("start.bin_true", median(run_often(lab, {"/bin/true"}, k_starts).milliseconds), "ms");
  if (has_docker) {
    print_figure("start.docker_version",
                 median(run_often(lab, {k_docker, "--version"}, k_starts).milliseconds), "ms");
  }
  // The preset links it stripped.
  print_figure("binary", size_in_megabytes(lab.program()), "MB", Goal::at_most, k_binary_goal_megabytes);
  if (has_docker) print_figure("binary.docker", size_in_megabytes(k_docker), "MB");
}

}  // namespace halcyon::bench
