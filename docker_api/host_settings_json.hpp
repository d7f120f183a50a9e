// HostSettings as members of HostConfig. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/host_settings.hpp"

namespace halcyon::docker_api {

/// Adds what is set to `host`. Errors: invalid_argument for what the engine would misread.
void add_host_settings(const HostSettings& settings, nlohmann::json& host);

}  // namespace halcyon::docker_api
