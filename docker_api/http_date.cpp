#include "docker_api/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_date_bytes = 29;
constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// "Fri, 20 Nov 2026 13:24:55 GMT": what stands between the words.
bool has_separators(std::string_view text) {
  return text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' ' &&
         text[19] == ':' && text[22] == ':' && text.ends_with(" GMT");
}

std::optional<int> parse_digits(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-' || value > most)
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> parse_http_date(std::string_view text) {
  if (text.size() != k_date_bytes || !has_separators(text)) return std::nullopt;
  const auto day = parse_digits(text.substr(5, 2), 31);
  const auto* const month = std::find(k_months.begin(), k_months.end(), text.substr(8, 3));
  const auto year = parse_digits(text.substr(12, 4), 2200);
  const auto hour = parse_digits(text.substr(17, 2), 23);
  const auto minute = parse_digits(text.substr(20, 2), 59);
  const auto second = parse_digits(text.substr(23, 2), 60);
  if (!day || month == k_months.end() || !year || !hour || !minute || !second) return std::nullopt;
  const auto month_number = static_cast<unsigned>(month - k_months.begin()) + 1;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{month_number},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

}  // namespace halcyon::docker_api
