// Two sides measured in turn.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "figures.hpp"

namespace halcyon::bench {

/// Seconds of each round: by the clock, and of this thread's own work.
struct Rounds {
  std::vector<double> seconds;
  std::vector<double> cpu_seconds;
};
struct Pairs {
  Rounds ours;
  Rounds raw;
};

/// Runs both sides in turn, `rounds` times each after one round that warms up.
Pairs measure_pairs(int rounds, const std::function<void()>& ours, const std::function<void()>& raw);

/// Seconds that one run takes.
double seconds_of(const std::function<void()>& work);

/// The ratio against the raw loop with its goal; then `.cpu`, the same of the reader's own work alone.
void print_ratio(const std::string& name, const Pairs& pairs, double goal);

}  // namespace halcyon::bench
