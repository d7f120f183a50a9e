// Writes request bodies as JSON. Private to docker_api.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace halcyon::docker_api {

/// A text, list or map that is empty leaves the choice to the engine.
template <class Json, class T>
void set_unless_empty(Json& body, const char* key, const T& value) {
  if (!value.empty()) body[key] = value;
}

/// JSON from the caller. Errors: invalid_argument ("WHAT is no JSON object").
nlohmann::json parse_object(const std::string& text, const std::string& endpoint, const std::string& what);

}  // namespace halcyon::docker_api
