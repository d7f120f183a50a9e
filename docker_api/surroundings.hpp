// What the Docker CLI looks at around itself, as a value: libraries do not read the environment.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace halcyon::docker_api {

/// True if something is at that path, whatever it is.
bool path_exists(const std::string& path);
/// True if a unix socket is at that path. A directory may be: Docker makes one for a bind mount whose source
/// is missing.
bool is_socket(const std::string& path);

/// A program fills it in with read_surroundings(); a test writes down what it needs.
struct Surroundings {
  std::map<std::string, std::string> variables;
  std::string home;  ///< empty: nobody knows
  uid_t uid = 0;
  std::function<bool(const std::string&)> exists = path_exists;  ///< asked for TLS files
  std::function<bool(const std::string&)> has_socket =
      is_socket;  ///< asked for engines; whether one answers is not
                  ///< asked: another must not stand in for one that restarts

  /// The variable's value; empty if it is not set: the Docker CLI makes no difference.
  std::string variable(const std::string& name) const;
  /// "NAME=value" lines for a child: credential helpers and ssh find their own settings there.
  std::vector<std::string> environment() const;
};

/// Makes the value from `environment`, which is main()'s or `environ`. Home is HOME or what the user database
/// says.
Surroundings read_surroundings(const char* const* environment);

}  // namespace halcyon::docker_api
