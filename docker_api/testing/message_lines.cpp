#include "docker_api/testing/message_lines.hpp"

#include <nlohmann/json.hpp>

namespace halcyon::docker_api::fake {

std::string message_line(const nlohmann::json& message) { return message.dump() + "\r\n"; }

std::string error_line(const std::string& text) {
  return message_line({{"errorDetail", {{"message", text}}}, {"error", text}});
}

}  // namespace halcyon::docker_api::fake
