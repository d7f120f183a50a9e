#include "docker_api/volumes.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/swarm_object.hpp"
#include "docker_api/swarm_object_json.hpp"
#include "docker_api/version_gates.hpp"
#include "docker_api/volume_details.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

VolumeDetails parse_volume(const json& body) {
  const json& usage = get_field(body, "UsageData");
  const json& cluster = get_field(body, "ClusterVolume");
  return {.name = VolumeName(get_string(body, "Name")),
          .driver = get_string(body, "Driver"),
          .mountpoint = get_string(body, "Mountpoint"),
          .labels = get_string_map(body, "Labels"),
          .options = get_string_map(body, "Options"),
          .scope = get_string(body, "Scope"),
          .created_at = get_time(body, "CreatedAt"),
          .size_bytes = find_size(usage, "Size"),
          .containers = find_size(usage, "RefCount"),
          .cluster_version = find_uint64(get_field(cluster, "Version"), "Index")};
}

asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeSpec spec) {
  // Without a name the engine would invent one, and nobody would find the volume again.
  resource_path("/volumes/", spec.name.value);
  json body{{"Name", spec.name.value}, {"Driver", spec.driver}, {"Labels", spec.labels}};
  if (!spec.options.empty()) body["DriverOpts"] = spec.options;
  co_return co_await call_for(
      engine, {.method = "POST", .path = "/volumes/create", .json_body = dump_json(body)}, parse_volume);
}

asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeName name,
                                             std::map<std::string, std::string> labels) {
  return create_volume(engine, VolumeSpec{.name = std::move(name), .labels = std::move(labels)});
}

asio::awaitable<VolumeDetails> inspect_volume(Engine& engine, VolumeName name) {
  co_return co_await call_for(engine, {.path = resource_path("/volumes/", name.value)}, parse_volume);
}

asio::awaitable<std::optional<VolumeDetails>> find_volume(Engine& engine, VolumeName name) {
  co_return co_await find_for(engine, {.path = resource_path("/volumes/", name.value)}, parse_volume);
}

namespace {

/// What is in it is taken off the disk before the engine answers.
constexpr std::chrono::minutes k_volume_removal_deadline{5};

std::vector<VolumeDetails> parse_volumes(const json& body) {
  std::vector<VolumeDetails> volumes;
  for (const json& volume : get_list(body, "Volumes")) volumes.push_back(parse_volume(volume));
  return volumes;
}

}  // namespace

asio::awaitable<std::vector<VolumeDetails>> query_volumes(Engine& engine, Filters filters) {
  co_return co_await call_for(engine, {.path = "/volumes", .query = filter_query(filters)}, parse_volumes);
}

asio::awaitable<std::vector<VolumeDetails>> list_volumes(Engine& engine, std::vector<std::string> labels) {
  Filters filters;
  if (!labels.empty()) filters["label"] = std::move(labels);
  return query_volumes(engine, std::move(filters));
}

asio::awaitable<bool> remove_volume(Engine& engine, VolumeName name) {
  EngineRequest request{.path = resource_path("/volumes/", name.value)};
  request.deadlines.head = k_volume_removal_deadline;
  co_return co_await call_to_remove(engine, std::move(request));
}

asio::awaitable<void> update_cluster_volume(Engine& engine, VolumeName name, std::uint64_t version,
                                            std::string spec_json) {
  EngineRequest request{.method = "PUT",
                        .path = resource_path("/volumes/", name.value),
                        .query = {{"version", std::to_string(version)}}};
  request.json_body = dump_json(json{{"Spec", parse_spec(spec_json, "PUT /volumes/{name}")}});
  co_await require_options(engine, {GatedOption::volume_update});
  co_await engine.call(std::move(request));
}

}  // namespace halcyon::docker_api
