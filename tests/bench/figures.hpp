// The lines that tests/bench/run prints.
#pragma once

#include <string_view>
#include <vector>

namespace halcyon::bench {

enum class Goal { at_most, at_least };

/// `NAME VALUE UNIT goal GOAL ok|short`.
void print_figure(std::string_view name, double value, std::string_view unit, Goal kind, double goal);
/// `NAME VALUE UNIT`: a figure without a goal. A peer or floor is named FIGURE.PEER.
void print_figure(std::string_view name, double value, std::string_view unit);

/// The middle value; of an even number the mean of the two in the middle. Errors: std::invalid_argument if
/// empty.
double median(std::vector<double> values);
/// The median of values[i] / peers[i]: what both sides of a pair have in common, such as a busy machine, goes
/// out.
double median_of_ratios(const std::vector<double>& values, const std::vector<double>& peers);

}  // namespace halcyon::bench
