#include "docker_api/nodes.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/swarm_object_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

NodeDetails parse_node(const json& body) {
  const json& spec = get_field(body, "Spec");
  const json& description = get_field(body, "Description");
  const json& platform = get_field(description, "Platform");
  const json& resources = get_field(description, "Resources");
  const json& status = get_field(body, "Status");
  const json& manager = get_field(body, "ManagerStatus");
  return {.id = NodeId(get_string(body, "ID")),
          .object = parse_swarm_object(body),
          .role = get_string(spec, "Role"),
          .availability = get_string(spec, "Availability"),
          .state = get_string(status, "State"),
          .address = get_string(status, "Addr"),
          .hostname = get_string(description, "Hostname"),
          .os = get_string(platform, "OS"),
          .architecture = get_string(platform, "Architecture"),
          .engine_version = get_string(get_field(description, "Engine"), "EngineVersion"),
          .nano_cpus = get_int64(resources, "NanoCPUs"),
          .memory_bytes = find_size(resources, "MemoryBytes").value_or(0),
          .is_leader = get_bool(manager, "Leader"),
          .reachability = get_string(manager, "Reachability")};
}

}  // namespace

asio::awaitable<NodeDetails> inspect_node(Engine& engine, NodeId id) {
  co_return co_await call_for(engine, {.path = resource_path("/nodes/", id.value)}, parse_node);
}

asio::awaitable<std::optional<NodeDetails>> find_node(Engine& engine, NodeId id) {
  co_return co_await find_for(engine, {.path = resource_path("/nodes/", id.value)}, parse_node);
}

asio::awaitable<std::vector<NodeDetails>> list_nodes(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/nodes", .query = filter_query(filters)}, parse_node);
}

asio::awaitable<void> update_node(Engine& engine, NodeDetails present, NodeUpdate update) {
  json spec = parse_spec(present.object.spec_json, "POST /nodes/{id}/update");
  if (update.role) spec["Role"] = *update.role;
  if (update.availability) spec["Availability"] = *update.availability;
  if (update.labels) spec["Labels"] = *update.labels;
  co_await engine.call({.method = "POST",
                        .path = resource_path("/nodes/", present.id.value, "/update"),
                        .query = {{"version", std::to_string(present.object.version)}},
                        .json_body = dump_json(spec)});
}

asio::awaitable<bool> remove_node(Engine& engine, NodeId id, bool force) {
  EngineRequest request{.path = resource_path("/nodes/", id.value)};
  if (force) request.query = {{"force", "1"}};
  co_return co_await call_to_remove(engine, std::move(request));
}

}  // namespace halcyon::docker_api
