// Reads one sample of a container's stats. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/container_stats.hpp"

namespace halcyon::docker_api {

StatsSample parse_stats(const nlohmann::json& body);

}  // namespace halcyon::docker_api
