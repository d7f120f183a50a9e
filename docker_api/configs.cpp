#include "docker_api/configs.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/swarm_object_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

ConfigDetails parse_config(const json& body) {
  auto data = decode_base64(get_string(get_field(body, "Spec"), "Data"));
  if (!data) throw Error({.kind = ErrorKind::protocol, .explanation = "Spec.Data is not base64"});
  return {
      .id = ConfigId(get_string(body, "ID")), .object = parse_swarm_object(body), .data = std::move(*data)};
}

}  // namespace

asio::awaitable<ConfigId> create_config(Engine& engine, ConfigSpec spec) {
  resource_path("/configs/", spec.name);  // refuses an empty name
  json body{{"Name", spec.name}, {"Labels", spec.labels}, {"Data", encode_base64(spec.data)}};
  if (!spec.templating_driver.empty()) body["Templating"] = {{"Name", spec.templating_driver}};
  EngineRequest request{.method = "POST", .path = "/configs/create", .json_body = dump_json(body)};
  co_return ConfigId(co_await call_for(engine, std::move(request),
                                       [](const json& answer) { return take_id(answer, "ID"); }));
}

asio::awaitable<ConfigDetails> inspect_config(Engine& engine, ConfigId id) {
  co_return co_await call_for(engine, {.path = resource_path("/configs/", id.value)}, parse_config);
}

asio::awaitable<std::optional<ConfigDetails>> find_config(Engine& engine, ConfigId id) {
  co_return co_await find_for(engine, {.path = resource_path("/configs/", id.value)}, parse_config);
}

asio::awaitable<std::vector<ConfigDetails>> list_configs(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/configs", .query = filter_query(filters)}, parse_config);
}

asio::awaitable<void> relabel_config(Engine& engine, ConfigDetails present,
                                     std::map<std::string, std::string> labels) {
  json spec = parse_spec(present.object.spec_json, "POST /configs/{id}/update");
  spec["Labels"] = labels;
  co_await engine.call({.method = "POST",
                        .path = resource_path("/configs/", present.id.value, "/update"),
                        .query = {{"version", std::to_string(present.object.version)}},
                        .json_body = dump_json(spec)});
}

asio::awaitable<bool> remove_config(Engine& engine, ConfigId id) {
  co_return co_await call_to_remove(engine, {.path = resource_path("/configs/", id.value)});
}

}  // namespace halcyon::docker_api
