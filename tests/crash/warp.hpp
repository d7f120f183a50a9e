// What a test and the program under test share about the time: a wall clock that jumps, seconds that fly.
#pragma once

#include <atomic>
#include <cstdint>

namespace halcyon::crash_tests {

/// In a file that both map.
struct Warp {
  std::atomic<std::int64_t> wall_seconds{0};  ///< how wrong the wall clock is; may change at any moment
  std::int64_t speed =
      1;  ///< seconds of the monotonic clock and of timers in a real one, as the program begins
};

/// The variable that names the file.
inline constexpr const char* k_warp_variable = "HALCYON_WARP";

}  // namespace halcyon::crash_tests
