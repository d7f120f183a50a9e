// RFC 3339, the Date header, and UNIX seconds: what is understood is the time that is written there.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/http_date.hpp"
#include "docker_api/json_fields.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace std::chrono_literals;

namespace {

std::tm calendar(auto time) {
  return fmt::gmtime(
      static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()));
}

void check_rfc3339(std::string_view text) {
  const auto time = docker_api::parse_time(text);
  if (!time) return;
  const std::tm parts = calendar(*time);
  if (parts.tm_year < 2 - 1900 || parts.tm_year > 9999 - 1900) return;  // an offset led out of the years
  const auto ms = (*time - std::chrono::floor<std::chrono::seconds>(*time)).count();
  const std::string again =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms);
  fuzz::require(docker_api::parse_time(again) == time, "the same time, written plainly: " + again);
  const bool is_leap_second = text.substr(17, 2) == "60";
  if (text.ends_with('Z') && !is_leap_second)
    fuzz::require(text.substr(0, 19) == again.substr(0, 19), "the digits mean what they say: " + again);
}

void check_http_date(std::string_view text) {
  const auto time = docker_api::parse_http_date(text);
  if (!time) return;
  const std::string again = fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", calendar(*time));
  if (text.substr(23, 2) == "60") return;
  fuzz::require(text.substr(4) == std::string_view(again).substr(4),
                "the digits mean what they say: " + again);
}

}  // namespace

HALCYON_FUZZ_TARGET(times, input) {
  check_rfc3339(input);
  check_http_date(input);
  const auto number = nlohmann::json::parse(input, nullptr, false);
  if (number.is_discarded() || number.is_structured()) return;
  fuzz::succeeds<docker_api::Error>([&] {
    docker_api::get_any_time(nlohmann::json{{"Created", number}}, "Created");
  });
}
