// A swarm object as the engine writes it. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

/// The common part of an answer.
SwarmObject parse_swarm_object(const nlohmann::json& body);
/// A spec to send. Errors: invalid_argument if it is no JSON object.
nlohmann::json parse_spec(const std::string& spec_json, const std::string& endpoint);

}  // namespace halcyon::docker_api
