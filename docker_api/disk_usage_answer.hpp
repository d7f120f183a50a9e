// Reads /system/df in its old and its new shape. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/disk_usage.hpp"

namespace halcyon::docker_api {

/// The shape is told by its fields, not by the version: Podman answers old shapes under any version.
DiskUsage parse_disk_usage(const nlohmann::json& body);

}  // namespace halcyon::docker_api
