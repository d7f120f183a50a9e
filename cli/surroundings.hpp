// What the process was started with: environment variables, terminals, the user. The only place that asks for
// them.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "docker_api/surroundings.hpp"

namespace halcyon::cli {

struct Surroundings {
  std::map<std::string, std::string> variables;  ///< those of k_variables that are set and not empty
  docker_api::Surroundings docker;  ///< all of them, for whoever must decide as the docker command does
  bool output_is_terminal = false;
  bool error_is_terminal = false;
  unsigned (*error_columns)() =
      nullptr;                     ///< width of the terminal behind standard error, right now; nullptr: 80
  std::string actor;               ///< "anna via sudo"; goes into release records
  std::chrono::sys_seconds now{};  ///< when the program started

  /// Empty if it is not set: no variable of ours means anything when it is empty.
  std::string variable(const std::string& name) const;
  bool speaks_utf8() const;
};

/// Reads everything from the process.
Surroundings read_surroundings();

/// Who runs this: the login name, or the name before sudo. `sudo_user` counts only for root, and only if it
/// looks like a name, because anybody can set the variable.
std::string name_actor(unsigned uid, const std::string& login, const std::string& sudo_user);

/// To be called first in main(): no core dumps (secrets are in memory), files for the owner only, no death by
/// SIGPIPE, and descriptors 0 to 2 open, so that no socket of ours becomes standard output.
void prepare_process();

}  // namespace halcyon::cli
