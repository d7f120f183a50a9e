// A container's attachment to a network as JSON. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/api_version.hpp"
#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// Shape:  EndpointSettings of create and connect.
/// Errors: invalid_argument without a network; unsupported for what `kind` at `version` would drop.
nlohmann::json make_endpoint_settings(const NetworkAttachment& network, ApiVersion version,
                                      EngineKind kind = EngineKind::docker);

}  // namespace halcyon::docker_api
