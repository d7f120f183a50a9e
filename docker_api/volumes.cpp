#include "docker_api/volumes.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

VolumeDetails parse_volume(const json& body) {
  return {.name = VolumeName(get_string(body, "Name")),
          .driver = get_string(body, "Driver"),
          .mountpoint = get_string(body, "Mountpoint"),
          .labels = get_string_map(body, "Labels")};
}

}  // namespace

asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeName name,
                                             std::map<std::string, std::string> labels) {
  // Without a name the engine would invent one, and nobody would find the volume again.
  resource_path("/volumes/", name.value);
  json body{{"Name", name.value}, {"Driver", "local"}, {"Labels", labels}};
  const HttpResponse response =
      co_await engine.call({.method = "POST", .path = "/volumes/create", .json_body = dump_json(body)});
  co_return parse_volume(parse_json(response.body, "POST /volumes/create"));
}

asio::awaitable<std::optional<VolumeDetails>> find_volume(Engine& engine, VolumeName name) {
  try {
    const HttpResponse response = co_await engine.call({.path = resource_path("/volumes/", name.value)});
    co_return parse_volume(parse_json(response.body, "GET /volumes/{name}"));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<std::vector<VolumeDetails>> list_volumes(Engine& engine, std::vector<std::string> labels) {
  const HttpResponse response = co_await engine.call({.path = "/volumes", .query = label_filter(labels)});
  const json body = parse_json(response.body, "GET /volumes");
  std::vector<VolumeDetails> volumes;
  for (const json& volume : get_field(body, "Volumes")) volumes.push_back(parse_volume(volume));
  co_return volumes;
}

asio::awaitable<bool> remove_volume(Engine& engine, VolumeName name) {
  try {
    co_await engine.call({.method = "DELETE", .path = resource_path("/volumes/", name.value)});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    co_return false;
  }
  co_return true;
}

}  // namespace halcyon::docker_api
