// What a crash test and the program under test share: where to crash, and how far it came.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace halcyon::crash_tests {

/// What becomes of what was written.
enum class CrashMode : std::uint32_t {
  kill,        ///< the process dies; all it has written stays
  power_loss,  ///< what was not synced is gone
  torn_write,  ///< the process dies in the middle of a write
};

/// In a file that both map; zeroed before a run.
struct Control {
  std::atomic<std::uint64_t> passed{
      0};                      ///< points so far: calls that change something, and answers of the engine
  std::uint64_t crash_at = 0;  ///< from 1; 0: never
  CrashMode mode = CrashMode::kill;
  std::atomic<std::int32_t> pid{0};  ///< of the program, once it has begun
  std::array<char, 400> place{};     ///< "rename /var/.../current_release"; where it crashed
};

/// The variable that names the file.
inline constexpr const char* k_control_variable = "HALCYON_CRASH_CONTROL";

}  // namespace halcyon::crash_tests
