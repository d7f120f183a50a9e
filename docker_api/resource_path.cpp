#include "docker_api/resource_path.hpp"

#include <fmt/format.h>

#include "docker_api/error.hpp"
#include "docker_api/http.hpp"

namespace halcyon::docker_api {
namespace {

void require_id(std::string_view collection, std::string_view id) {
  if (!id.empty() && id != "." && id != "..") return;
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = std::string(collection),
               .explanation = fmt::format("\"{}\" is no id and no name; nothing was sent", id)});
}

}  // namespace

std::string resource_path(std::string_view collection, std::string_view id, std::string_view action) {
  require_id(collection, id);
  return fmt::format("{}{}{}", collection, percent_encode_query(id), action);
}

std::string image_path(std::string_view collection, std::string_view name, std::string_view action) {
  require_id(collection, name);
  return fmt::format("{}{}{}", collection, percent_encode_path(name), action);
}

}  // namespace halcyon::docker_api
