// Durations, sizes and counts as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace halcyon::cli {

/// "412 ms", "1.6 s", "2 min 5 s", "3 h 12 min", "5 days".
std::string for_people(std::chrono::milliseconds duration);
/// "812 B", "4.2 kB", "12.3 MB"; powers of 1000, as the docker CLI counts.
std::string bytes_for_people(std::uint64_t bytes);
/// "1 service", "3 services".
std::string counted(std::size_t number, std::string_view noun);
/// How long `since` (RFC 3339, UTC) is ago; `since` itself if it cannot be read or lies ahead.
std::string age_for_people(const std::string& since, std::chrono::sys_seconds now);

}  // namespace halcyon::cli
