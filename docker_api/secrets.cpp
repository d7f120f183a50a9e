#include "docker_api/secrets.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/secret_json.hpp"
#include "docker_api/swarm_object_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

SecretDetails parse_secret(const json& body) {
  return {.id = SecretId(get_string(body, "ID")),
          .object = parse_swarm_object(body),
          .driver = get_string(get_field(get_field(body, "Spec"), "Driver"), "Name")};
}

}  // namespace

asio::awaitable<SecretId> create_secret(Engine& engine, SecretSpec spec) {
  resource_path("/secrets/", spec.name);  // refuses an empty name
  SecretJson body;
  body.add("Name", spec.name);
  body.add_json("Labels", dump_json(json(spec.labels)));
  body.add("Data", encode_base64_secret(spec.data.reveal()).reveal());
  if (!spec.templating_driver.empty())
    body.add_json("Templating", dump_json(json{{"Name", spec.templating_driver}}));
  EngineRequest request{.method = "POST", .path = "/secrets/create", .secret_json_body = Secret(body.take())};
  co_return SecretId(co_await call_for(engine, std::move(request),
                                       [](const json& answer) { return take_id(answer, "ID"); }));
}

asio::awaitable<SecretDetails> inspect_secret(Engine& engine, SecretId id) {
  co_return co_await call_for(engine, {.path = resource_path("/secrets/", id.value)}, parse_secret);
}

asio::awaitable<std::optional<SecretDetails>> find_secret(Engine& engine, SecretId id) {
  co_return co_await find_for(engine, {.path = resource_path("/secrets/", id.value)}, parse_secret);
}

asio::awaitable<std::vector<SecretDetails>> list_secrets(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/secrets", .query = filter_query(filters)}, parse_secret);
}

asio::awaitable<void> relabel_secret(Engine& engine, SecretDetails present,
                                     std::map<std::string, std::string> labels) {
  json spec = parse_spec(present.object.spec_json, "POST /secrets/{id}/update");
  spec["Labels"] = labels;
  co_await engine.call({.method = "POST",
                        .path = resource_path("/secrets/", present.id.value, "/update"),
                        .query = {{"version", std::to_string(present.object.version)}},
                        .json_body = dump_json(spec)});
}

asio::awaitable<bool> remove_secret(Engine& engine, SecretId id) {
  co_return co_await call_to_remove(engine, {.path = resource_path("/secrets/", id.value)});
}

}  // namespace halcyon::docker_api
