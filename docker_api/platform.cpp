#include "docker_api/platform_json.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {

using nlohmann::json;

std::string to_string(const Platform& platform) {
  std::string text = platform.os + '/' + platform.architecture;
  if (!platform.variant.empty()) text += '/' + platform.variant;
  return text;
}

std::string platform_json(const Platform& platform) {
  if (platform.os.empty() || platform.architecture.empty()) {
    throw Error(
        {.kind = ErrorKind::invalid_argument,
         .endpoint = "platform",
         .explanation = "a platform needs an operating system and an architecture, as in linux/arm64"});
  }
  json body{{"os", platform.os}, {"architecture", platform.architecture}};
  if (!platform.variant.empty()) body["variant"] = platform.variant;
  if (!platform.os_version.empty()) body["os.version"] = platform.os_version;
  return dump_json(body);
}

Platform parse_platform(const json& body) {
  return {.os = get_string(body, "os"),
          .architecture = get_string(body, "architecture"),
          .variant = get_string(body, "variant"),
          .os_version = get_string(body, "os.version")};
}

}  // namespace halcyon::docker_api
