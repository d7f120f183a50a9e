#include "docker_api/container_insight.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

FileChangeKind parse_kind(std::int64_t number) {
  switch (number) {
    case 0:
      return FileChangeKind::modified;
    case 1:
      return FileChangeKind::added;
    case 2:
      return FileChangeKind::deleted;
    default:
      throw Error({.kind = ErrorKind::protocol,
                   .endpoint = "GET /containers/{id}/changes",
                   .explanation = fmt::format("the answer names a change of unknown kind {}", number)});
  }
}

ProcessList parse_processes(const json& body) {
  ProcessList list{.titles = get_strings(body, "Titles")};
  for (const json& row : get_list(body, "Processes")) {
    list.rows.push_back(get_strings(json{{"Processes", row}}, "Processes"));
  }
  return list;
}

FileChange parse_change(const json& body) {
  return {.kind = parse_kind(get_int64(body, "Kind")), .path = get_string(body, "Path")};
}

}  // namespace

asio::awaitable<ProcessList> list_processes(Engine& engine, ContainerId id, std::string ps_arguments) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/top")};
  if (!ps_arguments.empty()) request.query = {{"ps_args", std::move(ps_arguments)}};
  co_return co_await call_for(engine, std::move(request), parse_processes);
}

asio::awaitable<std::vector<FileChange>> list_file_changes(Engine& engine, ContainerId id) {
  co_return co_await list_for(engine, {.path = resource_path("/containers/", id.value, "/changes")},
                              parse_change);
}

}  // namespace halcyon::docker_api
