// Environment -> Settings of the sample application. A value that is not understood ends the program: a
// test with a misspelt READY must not silently test something else.
#include "sample_app_settings.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace halcyon::lab {
namespace {

using Delay = std::chrono::milliseconds;

std::string variable(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return std::string{value == nullptr ? otherwise : value};
}

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view allowed) {
  throw std::invalid_argument{std::string{name} + "=" + std::string{value} +
                              " is not understood: " + std::string{allowed}};
}

template <typename Number>
Number number(std::string_view name, std::string_view text) {
  Number result{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (problem != std::errc{} || end != text.data() + text.size()) refuse(name, text, "a whole number");
  return result;
}

// "after:<ms>" with the two words that stand for the ends of the scale.
std::optional<Delay> moment(std::string_view name, std::string_view text, std::string_view at_once,
                            std::string_view allowed) {
  constexpr std::string_view k_after = "after:";
  if (text == "never") return std::nullopt;
  if (text == at_once) return Delay{0};
  if (text.starts_with(k_after)) return Delay{number<std::uint32_t>(name, text.substr(k_after.size()))};
  refuse(name, text, allowed);
}

LogRequests log_requests(std::string_view text) {
  if (text == "0") return LogRequests::none;
  if (text == "1") return LogRequests::posts;
  if (text == "all") return LogRequests::all;
  refuse("LOG_REQUESTS", text, "0, 1 (each POST) or all");
}

std::string own_hostname() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

}  // namespace

Settings settings_from_environment() {
  Settings settings;
  settings.release = variable("RELEASE", settings.release);
  settings.shown_release = variable("WRONG_RELEASE", settings.release);
  settings.slot = variable("HALCYON_SLOT", "");
  settings.hostname = own_hostname();
  settings.port = number<std::uint16_t>("PORT", variable("PORT", "8000"));
  settings.start_delay = Delay{number<std::uint32_t>("START_DELAY", variable("START_DELAY", "0"))};
  settings.ready_after =
      moment("READY", variable("READY", "always"), "always", "always, never or after:<milliseconds>");
  const std::string exit = variable("EXIT", "never");
  settings.exit_at_once = exit == "at_once";
  settings.exit_after = moment("EXIT", exit, "at_once", "never, at_once or after:<milliseconds>");
  settings.exit_code = number<int>("EXIT_CODE", variable("EXIT_CODE", "1"));
  settings.ignore_sigterm = variable("IGNORE_SIGTERM", "0") == "1";
  settings.log_requests = log_requests(variable("LOG_REQUESTS", "1"));
  return settings;
}

}  // namespace halcyon::lab
