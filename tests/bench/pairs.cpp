#include "pairs.hpp"

#include <chrono>
#include <ctime>

namespace halcyon::bench {
namespace {

double thread_cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void run_round(Rounds& rounds, const std::function<void()>& work) {
  const double began = thread_cpu_seconds();
  rounds.seconds.push_back(seconds_of(work));
  rounds.cpu_seconds.push_back(thread_cpu_seconds() - began);
}

}  // namespace

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

Pairs measure_pairs(int rounds, const std::function<void()>& ours, const std::function<void()>& raw) {
  ours();
  raw();
  Pairs pairs;
  for (int round = 0; round < rounds; ++round) {
    run_round(pairs.ours, ours);
    run_round(pairs.raw, raw);
  }
  return pairs;
}

void print_ratio(const std::string& name, const Pairs& pairs, double goal) {
  print_figure(name, median_of_ratios(pairs.ours.seconds, pairs.raw.seconds), "x", Goal::at_most, goal);
  print_figure(name + ".cpu", median_of_ratios(pairs.ours.cpu_seconds, pairs.raw.cpu_seconds), "x");
}

}  // namespace halcyon::bench
