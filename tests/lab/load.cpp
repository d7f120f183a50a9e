// The load generator of Halcyon's tests: it never retries, and every request that was not answered as it
// should have been is counted under a name that says how. See README.md.
#include <exception>
#include <iostream>
#include <stdexcept>

#include "load_check_posts.h"
#include "load_options.h"
#include "load_run.h"

namespace {

constexpr int k_exit_usage = 2;

}  // namespace

int main(int count, char** arguments) {
  using namespace halcyon::lab;
  try {
    const auto line = parse_command_line(count, arguments);
    if (!line.has_value()) return 0;
    return line->check_posts.has_value() ? check_posts(*line->check_posts) : run_load(line->load);
  } catch (const std::exception& problem) {
    // Nothing was measured, or the report is not to be trusted: not to be taken for a failed measurement.
    std::cerr << "load: " << problem.what() << std::endl;
    return k_exit_usage;
  }
}
