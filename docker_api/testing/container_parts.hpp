// Parts of a container that both inspect and list show. Private to docker_api/testing.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {

nlohmann::json show_networks(const Container& container);
nlohmann::json show_mounts(const Container& container);

}  // namespace halcyon::docker_api::fake
