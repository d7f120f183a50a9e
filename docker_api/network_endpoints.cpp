#include "docker_api/network_endpoints.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/endpoint_settings.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http_status.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// For networks 403 and 409 mean "not in this state"; which of both differs between engines.
asio::awaitable<void> change_endpoint(Engine& engine, EngineRequest request) {
  request.method = "POST";
  try {
    co_await engine.call(std::move(request));
  } catch (const Error& error) {
    if (error.http_status() != k_forbidden && error.kind() != ErrorKind::conflict) throw;
    ErrorFacts facts = error.facts();
    facts.kind = ErrorKind::refused;
    throw Error(std::move(facts));
  }
}

}  // namespace

asio::awaitable<void> connect_container(Engine& engine, NetworkAttachment network, ContainerId container) {
  EngineRequest request{.path = resource_path("/networks/", network.network, "/connect")};
  resource_path("/containers/", container.value);  // refuses an empty id
  const ApiVersion version = co_await engine.api_version();
  if (!network.mac_address.empty()) require_option(version, GatedOption::connect_mac_address);
  request.json_body = dump_json(
      json{{"Container", container.value}, {"EndpointConfig", make_endpoint_settings(network, version)}});
  co_await change_endpoint(engine, std::move(request));
}

asio::awaitable<void> disconnect_container(Engine& engine, std::string network, ContainerId container,
                                           bool force) {
  EngineRequest request{.path = resource_path("/networks/", network, "/disconnect")};
  resource_path("/containers/", container.value);
  request.json_body = dump_json(json{{"Container", container.value}, {"Force", force}});
  co_await change_endpoint(engine, std::move(request));
}

}  // namespace halcyon::docker_api
