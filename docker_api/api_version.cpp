#include "docker_api/api_version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

std::optional<int> parse_number(std::string_view text) noexcept {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool digits_only = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (error != std::errc{} || end != text.data() + text.size() || !digits_only) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ApiVersion> parse_api_version(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = parse_number(text.substr(0, dot));
  const auto minor = parse_number(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return ApiVersion{*major, *minor};
}

std::string to_string(ApiVersion version) { return fmt::format("{}.{}", version.major, version.minor); }

ApiVersion negotiate_api_version(ApiVersion engine_newest) {
  if (engine_newest < k_oldest_api_version) {
    throw Error({.kind = ErrorKind::unsupported,
                 .endpoint = "GET /_ping",
                 .explanation =
                     fmt::format("the engine speaks API {} at most, Halcyon needs {} or newer: upgrade the "
                                 "engine (Docker 19.03 was the first with {})",
                                 to_string(engine_newest), to_string(k_oldest_api_version),
                                 to_string(k_oldest_api_version))});
  }
  return std::min(engine_newest, k_newest_api_version);
}

void require_api_version(ApiVersion negotiated, ApiVersion needed, std::string_view what) {
  if (negotiated >= needed) return;
  throw Error({.kind = ErrorKind::unsupported,
               .api_version = to_string(negotiated),
               .explanation = fmt::format("{} needs API {}, this engine speaks {}", what, to_string(needed),
                                          to_string(negotiated))});
}

}  // namespace halcyon::docker_api
