// A platform as the engine writes it. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/platform.hpp"

namespace halcyon::docker_api {

/// From {"os":...} of an answer; unknown parts are empty.
Platform parse_platform(const nlohmann::json& body);

}  // namespace halcyon::docker_api
