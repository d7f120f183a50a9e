// How one run of the sample application behaves: everything comes from the environment, so that a test
// makes a release that is slow, never ready, or dies, without another image.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace halcyon::lab {

enum class LogRequests { none, posts, all };

struct Settings {
  std::string release = "none";              // RELEASE
  std::string shown_release = "none";        // X-Release: RELEASE, or WRONG_RELEASE when that is set
  std::string slot;                          // HALCYON_SLOT
  std::string hostname;                      // the container's id, unless the engine was told otherwise
  std::uint16_t port = 8000;                 // PORT
  std::chrono::milliseconds start_delay{0};  // START_DELAY, before listening
  std::optional<std::chrono::milliseconds> ready_after{0};  // READY; empty = never
  std::optional<std::chrono::milliseconds> exit_after;      // EXIT=after:N; empty = never
  bool exit_at_once = false;                                // EXIT=at_once, before listening
  int exit_code = 1;                                        // EXIT_CODE
  bool ignore_sigterm = false;                              // IGNORE_SIGTERM
  LogRequests log_requests = LogRequests::posts;            // LOG_REQUESTS=0|1|all
};

// Reads the environment. Errors: std::invalid_argument names the variable, its value and what is allowed.
Settings settings_from_environment();

}  // namespace halcyon::lab
