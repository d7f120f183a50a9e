// Reads a container's inspect and list answers. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

ContainerDetails parse_container(const nlohmann::json& body);
ContainerSummary parse_container_summary(const nlohmann::json& body);

}  // namespace halcyon::docker_api
