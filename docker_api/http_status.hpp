// The HTTP status codes that decide something here. Private to docker_api.
#pragma once

namespace halcyon::docker_api {

inline constexpr int k_not_modified = 304;
inline constexpr int k_forbidden = 403;
inline constexpr int k_not_found = 404;
inline constexpr int k_bad_gateway = 502;
inline constexpr int k_gateway_timeout = 504;

}  // namespace halcyon::docker_api
