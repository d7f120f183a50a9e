#include "orchestrator/log_since.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "docker_api/json_fields.hpp"

namespace halcyon::orchestrator {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_most_digits = 10;  // of UNIX seconds until the year 2286, and of anything else here
constexpr std::chrono::seconds k_latest{10'000'000'000};        // the same year
constexpr std::int64_t k_most_seconds = std::int64_t{1} << 50;  // an age beyond it is a slip of the finger

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || text.front() == '-' || digits > k_most_digits) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

std::int64_t seconds_of(char unit) noexcept {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    default:
      return 0;
  }
}

/// "1h30m" -> 5400; nothing if it is not one number and unit after another.
std::optional<std::int64_t> parse_age(std::string_view text) {
  std::int64_t seconds = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const std::int64_t unit = text.empty() ? 0 : seconds_of(text.front());
    if (!number || unit == 0) return std::nullopt;
    seconds += *number * unit;
    if (seconds > k_most_seconds) return std::nullopt;
    text.remove_prefix(1);
  }
  return seconds;
}

bool is_unix_seconds(std::string_view text) {
  if (!take_number(text)) return false;
  if (text.empty()) return true;
  const std::string_view fraction = text.substr(1);
  return text.front() == '.' && !fraction.empty() && fraction.size() <= 9 &&
         std::all_of(fraction.begin(), fraction.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> resolve_log_since(std::string_view since,
                                             std::chrono::system_clock::time_point now) {
  if (since.empty() || since.front() == '-') return std::nullopt;
  if (is_unix_seconds(since)) return std::string(since);
  if (const auto age = parse_age(since)) {
    const std::int64_t from = std::chrono::system_clock::to_time_t(now) - *age;
    return std::to_string(std::max<std::int64_t>(from, 0));
  }
  const auto time = docker_api::parse_time(since);
  if (!time) return std::nullopt;
  const auto since_epoch = time->time_since_epoch();
  if (since_epoch < milliseconds(0)) return "0";
  if (since_epoch >= k_latest) return std::nullopt;
  const auto fraction = since_epoch.count() % 1000;
  const std::string seconds = std::to_string(since_epoch.count() / 1000);
  return fraction == 0 ? seconds : fmt::format("{}.{:03}", seconds, fraction);
}

}  // namespace halcyon::orchestrator
