// Lists inside an engine's answer. Private.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace halcyon::docker_api {

/// The member as a list to go through; missing, null: an empty one. Errors: protocol if it is no list.
const nlohmann::json& get_list(const nlohmann::json& object, const char* key);

}  // namespace halcyon::docker_api
