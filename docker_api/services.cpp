#include "docker_api/services.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/swarm_object_json.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// The engine may ask a registry for the image before it answers.
constexpr std::chrono::minutes k_pin_deadline{1};

ServiceDetails parse_service(const json& body) {
  const json& spec = get_field(body, "Spec");
  const json& mode = get_field(spec, "Mode");
  const std::vector<std::string> modes = get_keys(spec, "Mode");
  const json& container = get_field(get_field(spec, "TaskTemplate"), "ContainerSpec");
  const json& update = get_field(body, "UpdateStatus");
  const json& status = get_field(body, "ServiceStatus");
  return {.id = ServiceId(get_string(body, "ID")),
          .object = parse_swarm_object(body),
          .image = get_string(container, "Image"),
          .mode = modes.empty() ? "" : modes.front(),
          .replicas = find_uint64(get_field(mode, "Replicated"), "Replicas"),
          .update_state = get_string(update, "State"),
          .update_message = get_string(update, "Message"),
          .running_tasks = find_uint64(status, "RunningTasks"),
          .desired_tasks = find_uint64(status, "DesiredTasks")};
}

json make_spec(const ServiceSpec& spec) {
  if (spec.image.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /services/create",
                 .explanation = "the image is empty"});
  }
  json container{{"Image", spec.image}};
  if (!spec.command.empty()) container["Command"] = spec.command;
  if (!spec.arguments.empty()) container["Args"] = spec.arguments;
  for (const auto& [name, value] : spec.environment)
    container["Env"].push_back(fmt::format("{}={}", name, value));
  json body{{"Name", spec.name}, {"Labels", spec.labels}};
  body["TaskTemplate"]["ContainerSpec"] = std::move(container);
  for (const std::string& network : spec.networks) {
    body["TaskTemplate"]["Networks"].push_back({{"Target", network}});
  }
  if (spec.replicas) {
    body["Mode"]["Replicated"] = {{"Replicas", *spec.replicas}};
  } else {
    body["Mode"]["Global"] = json::object();
  }
  if (!spec.more_json.empty()) body.merge_patch(parse_spec(spec.more_json, "POST /services/create"));
  return body;
}

void add_credentials(EngineRequest& request, const std::optional<RegistryCredentials>& credentials) {
  if (credentials) request.headers.push_back({"X-Registry-Auth", "", encode_registry_auth(credentials)});
}

CreatedService parse_created(const json& body) {
  CreatedService created{.id = ServiceId(take_id(body, "ID")), .warnings = get_strings(body, "Warnings")};
  // One warning under its older name.
  if (std::string warning = get_string(body, "Warning"); !warning.empty())
    created.warnings.push_back(warning);
  return created;
}

}  // namespace

asio::awaitable<CreatedService> create_service(Engine& engine, ServiceSpec spec,
                                               std::optional<RegistryCredentials> credentials) {
  EngineRequest request{
      .method = "POST", .path = "/services/create", .json_body = dump_json(make_spec(spec))};
  request.deadlines.head = k_pin_deadline;
  add_credentials(request, credentials);
  co_return co_await call_for(engine, std::move(request), parse_created);
}

asio::awaitable<ServiceDetails> inspect_service(Engine& engine, ServiceId id) {
  co_return co_await call_for(engine, {.path = resource_path("/services/", id.value)}, parse_service);
}

asio::awaitable<std::optional<ServiceDetails>> find_service(Engine& engine, ServiceId id) {
  co_return co_await find_for(engine, {.path = resource_path("/services/", id.value)}, parse_service);
}

asio::awaitable<std::vector<ServiceDetails>> list_services(Engine& engine, ServiceListOptions options) {
  EngineRequest request{.path = "/services", .query = filter_query(options.filters)};
  if (options.status) co_await require_options(engine, {GatedOption::service_list_status});
  if (options.status) request.query.emplace_back("status", "1");
  co_return co_await list_for(engine, std::move(request), parse_service);
}

asio::awaitable<std::vector<std::string>> update_service(Engine& engine, ServiceId id, std::uint64_t version,
                                                         std::string spec_json,
                                                         ServiceUpdateOptions options) {
  EngineRequest request{.method = "POST",
                        .path = resource_path("/services/", id.value, "/update"),
                        .query = {{"version", std::to_string(version)}},
                        .json_body = dump_json(parse_spec(spec_json, "POST /services/{id}/update"))};
  request.deadlines.head = k_pin_deadline;
  if (!options.credentials_from.empty())
    request.query.emplace_back("registryAuthFrom", options.credentials_from);
  if (options.roll_back) request.query.emplace_back("rollback", "previous");
  add_credentials(request, options.credentials);
  co_return co_await call_for(engine, std::move(request),
                              [](const json& answer) { return get_strings(answer, "Warnings"); });
}

asio::awaitable<bool> remove_service(Engine& engine, ServiceId id) {
  co_return co_await call_to_remove(engine, {.path = resource_path("/services/", id.value)});
}

}  // namespace halcyon::docker_api
