#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace halcyon::bench {
namespace {

/// Counts as they are, everything else with four digits.
std::string to_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return std::abs(value) >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

}  // namespace

void print_figure(std::string_view name, double value, std::string_view unit, Goal kind, double goal) {
  const bool holds = kind == Goal::at_most ? value <= goal : value >= goal;
  fmt::print("{} {} {} goal {} {}\n", name, to_text(value), unit, to_text(goal), holds ? "ok" : "short");
  std::fflush(stdout);
}

void print_figure(std::string_view name, double value, std::string_view unit) {
  fmt::print("{} {} {}\n", name, to_text(value), unit);
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("a median of no values");
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double median_of_ratios(const std::vector<double>& values, const std::vector<double>& peers) {
  if (values.size() != peers.size()) throw std::invalid_argument("pairs that are not complete");
  std::vector<double> ratios;
  for (std::size_t index = 0; index < values.size(); ++index) ratios.push_back(values[index] / peers[index]);
  return median(std::move(ratios));
}

}  // namespace halcyon::bench
