#include "docker_api/filters.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {

std::vector<std::pair<std::string, std::string>> filter_query(const Filters& filters) {
  if (filters.empty()) return {};
  return {{"filters", dump_json(nlohmann::json(filters))}};
}

}  // namespace halcyon::docker_api
