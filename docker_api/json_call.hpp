// Calls whose answer is one JSON value. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

/// Sends the request and parses the answer. Errors: as Engine::call(); protocol if it is not JSON.
boost::asio::awaitable<nlohmann::json> call_for_json(Engine& engine, EngineRequest request);
/// The same, but nothing for 404.
boost::asio::awaitable<std::optional<nlohmann::json>> find_json(Engine& engine, EngineRequest request);
/// Sends the request and visits each element of the array that comes back; null is an empty array.
boost::asio::awaitable<void> call_for_list(Engine& engine, EngineRequest request,
                                           std::function<void(const nlohmann::json&)> visit);
/// Sends a DELETE; false for 404.
boost::asio::awaitable<bool> call_to_remove(Engine& engine, EngineRequest request);

/// The answer's id. Errors: protocol if there is none.
std::string take_id(const nlohmann::json& body, const char* key, const std::string& endpoint);

}  // namespace halcyon::docker_api
