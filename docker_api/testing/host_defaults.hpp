// What an engine fills in where a client says nothing. Private to docker_api/testing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace halcyon::docker_api::fake {

/// Source: inspect of a container of dockerd 20.10.24.
nlohmann::json default_config();
nlohmann::json default_host_config();
/// "busybox:latest" for "busybox", as the engine names an image that it does not have.
std::string full_name(const std::string& name);

}  // namespace halcyon::docker_api::fake
