// Time stamps as the engine writes them.
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

/// Takes exactly `digits` digits from the front of `text`; nothing if they are more than `most`.
std::optional<int> take_number(std::string_view& text, std::size_t digits, int most) {
  if (text.size() < digits || text.front() == '-') return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || value > most) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

std::chrono::milliseconds take_fraction(std::string_view& text) {
  int milliseconds = 0;
  int scale = 100;
  if (!take(text, '.')) return std::chrono::milliseconds{0};
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), scale /= 10) {
    milliseconds += (text.front() - '0') * scale;
  }
  return std::chrono::milliseconds{milliseconds};
}

/// "Z", "+02:00", "-05:30".
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes{0};
  const bool negative = text.starts_with('-');
  if (!negative && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, 23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2, 59);
  if (!minutes) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
  return negative ? -offset : offset;
}

}  // namespace

std::optional<Milliseconds> parse_time(std::string_view text) {
  const auto year = take_number(text, 4, 9999);
  if (!year || *year <= 1 || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2, 12);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2, 31);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2, 59);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2, 60);  // a leap second
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = take_offset(text);
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!offset || !text.empty() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + fraction - *offset;
}

}  // namespace halcyon::docker_api
