#include "cli/amounts.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace halcyon::cli {

std::string for_people(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1'000) {
    return fmt::format("{} ms", ms);
  }
  if (ms < 60'000) {
    // Tenths are cut, not rounded: 59.99 s must not become 60.0 s.
    return fmt::format("{}.{} s", ms / 1'000, ms % 1'000 / 100);
  }
  const auto s = ms / 1'000;
  if (s < 3'600) {
    return fmt::format("{} min {} s", s / 60, s % 60);
  }
  return s < 172'800 ? fmt::format("{} h {} min", s / 3'600, s % 3'600 / 60)
                     : fmt::format("{} days", s / 86'400);
}

std::string bytes_for_people(std::uint64_t bytes) {
  if (bytes < 1'000) {
    return fmt::format("{} B", bytes);
  }
  constexpr std::array<const char*, 4> k_units = {"kB", "MB", "GB", "TB"};
  std::uint64_t tenths = bytes / 100;
  std::size_t unit = 0;
  while (tenths >= 10'000 && unit + 1 < k_units.size()) {
    tenths /= 1'000;
    ++unit;
  }
  return fmt::format("{}.{} {}", tenths / 10, tenths % 10, k_units[unit]);
}

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string age_for_people(const std::string& since, std::chrono::sys_seconds now) {
  std::tm time{};
  const char* rest = ::strptime(since.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (rest == nullptr || since.back() != 'Z') {
    return since;
  }
  const std::chrono::sys_seconds began{std::chrono::seconds{::timegm(&time)}};
  if (began > now) {
    return since;
  }
  const std::chrono::seconds age = now - began;
  return age < std::chrono::minutes{1} ? fmt::format("{} s", age.count()) : for_people(age);
}

}  // namespace halcyon::cli
