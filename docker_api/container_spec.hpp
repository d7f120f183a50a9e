// A container's create body as JSON. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker_api/api_version.hpp"
#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// Errors: invalid_argument for what the engine would misread, unsupported for what `kind` at `version` would
/// silently drop (G39).
nlohmann::json make_create_body(const ContainerSpec& spec, ApiVersion version,
                                EngineKind kind = EngineKind::docker);

/// How all parts of the body say that the engine would misread something. Errors: invalid_argument.
[[noreturn]] void refuse_create(std::string why);

nlohmann::json make_restart_policy(RestartPolicy policy);

}  // namespace halcyon::docker_api
