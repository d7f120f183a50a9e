#include "docker_api/json_writing.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {

nlohmann::json parse_object(const std::string& text, const std::string& endpoint, const std::string& what) {
  nlohmann::json object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (object.is_object()) return object;
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = endpoint,
               .explanation = what + " is no JSON object"});
}

}  // namespace halcyon::docker_api
