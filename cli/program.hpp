// The whole program as one function, with everything it touches given to it.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"

namespace halcyon::cli {

/// Parses `words`, runs the command, prints its result and returns the exit code. Never throws.
int run_program(const std::vector<std::string>& words, const Surroundings& surroundings, Output& output,
                Output& error) noexcept;

}  // namespace halcyon::cli
