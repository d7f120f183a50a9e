// What a command gets besides its arguments.
#pragma once

#include <string>

#include "cli/output.hpp"
#include "cli/surroundings.hpp"

namespace halcyon::cli {

/// The options that every command takes.
struct GlobalOptions {
  std::string config;
  std::string host;
  bool json = false;
  bool quiet = false;
  bool no_color = false;
  bool yes = false;
};

struct Context {
  const Surroundings& surroundings;
  const GlobalOptions& options;
  Output& output;  ///< results
  Output& error;   ///< progress and errors
};

}  // namespace halcyon::cli
