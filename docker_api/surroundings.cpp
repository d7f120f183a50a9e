#include "docker_api/surroundings.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace halcyon::docker_api {
namespace {

std::string find_home(uid_t uid) {
  std::array<char, std::size_t{16} * 1024> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_dir == nullptr ? "" : found->pw_dir;
}

}  // namespace

bool path_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_socket(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

std::string Surroundings::variable(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? "" : found->second;
}

std::vector<std::string> Surroundings::environment() const {
  std::vector<std::string> lines;
  lines.reserve(variables.size());
  for (const auto& [name, value] : variables) lines.push_back(fmt::format("{}={}", name, value));
  return lines;
}

Surroundings read_surroundings(const char* const* environment) {
  Surroundings surroundings;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view line = *environment;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    // The first of two wins, as for every program that asks for it.
    surroundings.variables.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  surroundings.uid = ::getuid();
  surroundings.home = surroundings.variable("HOME");
  if (surroundings.home.empty()) surroundings.home = find_home(surroundings.uid);
  return surroundings;
}

}  // namespace halcyon::docker_api
