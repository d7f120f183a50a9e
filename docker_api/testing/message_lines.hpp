// Messages of the streams that pull, push, build and load answer with. Private to docker_api/testing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace halcyon::docker_api::fake {

std::string message_line(const nlohmann::json& message);

/// How an error is told once the status was 200.
std::string error_line(const std::string& text);

}  // namespace halcyon::docker_api::fake
