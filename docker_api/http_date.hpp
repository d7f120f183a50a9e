// The Date header. Private to docker_api; pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace halcyon::docker_api {

/// "Fri, 20 Nov 2026 13:24:55 GMT"; nothing for any other shape. Source: RFC 9110, IMF-fixdate.
std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> parse_http_date(std::string_view text);

}  // namespace halcyon::docker_api
