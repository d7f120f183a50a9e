#include "docker_api/swarm_object_json.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"
#include "docker_api/json_writing.hpp"

namespace halcyon::docker_api {

using nlohmann::json;

SwarmObject parse_swarm_object(const json& body) {
  const json& spec = get_field(body, "Spec");
  return {.name = get_string(spec, "Name"),
          .version = get_uint64(get_field(body, "Version"), "Index"),
          .created_at = get_time(body, "CreatedAt"),
          .updated_at = get_time(body, "UpdatedAt"),
          .labels = get_string_map(spec, "Labels"),
          .spec_json = spec.is_null() ? "{}" : spec.dump(),
          .raw_json = body.dump()};
}

json parse_spec(const std::string& spec_json, const std::string& endpoint) {
  return parse_object(spec_json, endpoint, "the spec");
}

}  // namespace halcyon::docker_api
