#include "docker_api/container_insight.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_lists.hpp"
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

}  // namespace

asio::awaitable<ProcessList> list_processes(Engine& engine, ContainerId id, std::string ps_arguments) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/top")};
  if (!ps_arguments.empty()) request.query = {{"ps_args", std::move(ps_arguments)}};
  const json body = co_await call_for_json(engine, std::move(request));
  ProcessList list{.titles = get_strings(body, "Titles")};
  for (const json& row : get_list(body, "Processes")) {
    list.rows.push_back(get_strings(json{{"Processes", row}}, "Processes"));
  }
  co_return list;
}

asio::awaitable<std::vector<FileChange>> list_file_changes(Engine& engine, ContainerId id) {
  std::vector<FileChange> changes;
  co_await call_for_list(
      engine, {.path = resource_path("/containers/", id.value, "/changes")}, [&changes](const json& change) {
        changes.push_back(
            {.kind = parse_kind(get_int64(change, "Kind")), .path = get_string(change, "Path")});
      });
  co_return changes;
}

}  // namespace halcyon::docker_api
