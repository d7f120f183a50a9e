#include "cli/surroundings.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace halcyon::cli {
namespace {

constexpr const char* k_variables[] = {
    "HALCYON_CONFIG",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "SUDO_USER",
    "TERM",
#ifdef HALCYON_FAULT_POINTS
    "HALCYON_KILL_AT",
    "HALCYON_STOP_AT",
#endif
};
constexpr std::size_t k_longest_actor = 64;

unsigned columns_of_standard_error() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string login_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= k_longest_actor &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-' || c == '@';
         });
}

}  // namespace

std::string Surroundings::variable(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

bool Surroundings::speaks_utf8() const {
  // The order of setlocale(3).
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = variable(name);
    if (!value.empty()) {
      return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
  }
  return false;
}

Surroundings read_surroundings() {
  Surroundings result;
  for (const char* name : k_variables) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') {
      result.variables.emplace(name, value);
    }
  }
  result.docker = docker_api::read_surroundings(environ);
  result.output_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  result.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  result.error_columns = columns_of_standard_error;
  result.actor = name_actor(::getuid(), login_name(), result.variable("SUDO_USER"));
  result.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return result;
}

std::string name_actor(unsigned uid, const std::string& login, const std::string& sudo_user) {
  return uid == 0 && sudo_user != login && is_name(sudo_user) ? sudo_user + " via sudo" : login;
}

void prepare_process() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor > STDERR_FILENO) {
    ::close(descriptor);
  }
}

}  // namespace halcyon::cli
