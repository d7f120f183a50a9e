// What a fault test and the program under test share: which file operation is to fail, and what came of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace halcyon::fault_tests {

enum class Fault : std::uint32_t {
  none,
  once,          ///< one operation fails with the error number
  from_then_on,  ///< every one from there on: a disk that is full or dead, or no descriptors left
  half_write,    ///< one write writes half of what it was given
  sync_once,     ///< one fsync or fdatasync fails with the error number
  death,         ///< the process is killed before the operation
};

/// In a file that both map; zeroed before a run.
struct FaultControl {
  Fault fault = Fault::none;
  std::int32_t error_number = 0;
  std::uint64_t fail_at = 0;                ///< from 1: counts the operations that can fail so
  std::array<char, 300> root{};             ///< of what the disk holds that is full or dead
  std::atomic<std::int32_t> pid{0};         ///< of the program, once it has begun
  std::atomic<std::uint64_t> passed{0};     ///< operations so far that can fail so
  std::array<char, 400> place{};            ///< "rename /var/.../current_release": what failed first
  std::atomic<bool> told_too_early{false};  ///< success was told while the journal was not durable
  std::atomic<bool> told_abort_too_early{false};
  std::array<char, 400> synced_again{};  ///< what was synced again, with success, after a sync of it failed
};

/// The variables that name the file with the control, and the file that takes a line for every operation.
inline constexpr const char* k_control_variable = "HALCYON_FAULT_CONTROL";
inline constexpr const char* k_record_variable = "HALCYON_FAULT_RECORD";

}  // namespace halcyon::fault_tests
