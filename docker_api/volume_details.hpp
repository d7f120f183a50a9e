// Reads a volume. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/volumes.hpp"

namespace halcyon::docker_api {

VolumeDetails parse_volume(const nlohmann::json& body);

}  // namespace halcyon::docker_api
