#include "docker_api/networks.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http_status.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

json make_body(const NetworkSpec& spec) {
  json body{{"Name", spec.name},
            {"Driver", spec.driver},
            // Before API 1.44 two networks of one name were possible unless asked not to.
            {"CheckDuplicate", true},
            {"Labels", spec.labels},
            {"Options", spec.options}};
  json range = json::object();
  if (!spec.subnet.empty()) range["Subnet"] = spec.subnet;
  if (!spec.gateway.empty()) range["Gateway"] = spec.gateway;
  if (!spec.ip_range.empty()) range["IPRange"] = spec.ip_range;
  if (!range.empty()) body["IPAM"] = {{"Driver", "default"}, {"Config", json::array({range})}};
  if (spec.internal) body["Internal"] = true;
  if (spec.attachable) body["Attachable"] = true;
  if (spec.enable_ipv6) body["EnableIPv6"] = true;
  if (spec.enable_ipv4) body["EnableIPv4"] = *spec.enable_ipv4;
  return body;
}

/// "10.201.7.16/24" -> "10.201.7.16".
std::string without_mask(const std::string& address) { return address.substr(0, address.find('/')); }

NetworkDetails parse_network(const json& body) {
  NetworkDetails network{.id = NetworkId(get_string(body, "Id")),
                         .name = get_string(body, "Name"),
                         .driver = get_string(body, "Driver"),
                         .labels = get_string_map(body, "Labels"),
                         .options = get_string_map(body, "Options"),
                         .scope = get_string(body, "Scope"),
                         .internal = get_bool(body, "Internal"),
                         .attachable = get_bool(body, "Attachable"),
                         .enable_ipv6 = get_bool(body, "EnableIPv6")};
  for (const json& range : get_list(get_field(body, "IPAM"), "Config")) {
    if (std::string subnet = get_string(range, "Subnet"); !subnet.empty()) network.subnets.push_back(subnet);
    if (std::string gateway = get_string(range, "Gateway"); !gateway.empty())
      network.gateways.push_back(gateway);
  }
  const json& containers = get_field(body, "Containers");
  for (const std::string& id : get_keys(body, "Containers")) {
    network.container_addresses[id] = without_mask(get_string(containers.at(id), "IPv4Address"));
  }
  return network;
}

/// For networks the engine uses 403 (Podman 409) where it means "not in this state", not "you may not".
[[noreturn]] void throw_refused(const Error& error) {
  ErrorFacts facts = error.facts();
  facts.kind = ErrorKind::refused;
  throw Error(std::move(facts));
}

}  // namespace

asio::awaitable<NetworkId> create_network(Engine& engine, NetworkSpec spec) {
  resource_path("/networks/", spec.name);
  if (spec.enable_ipv4) co_await require_options(engine, {GatedOption::network_ipv4});
  try {
    co_return NetworkId(co_await call_for(
        engine, {.method = "POST", .path = "/networks/create", .json_body = dump_json(make_body(spec))},
        [](const json& answer) { return take_id(answer, "Id"); }));
  } catch (const Error& error) {
    if (error.http_status() == k_forbidden) throw_refused(error);
    throw;
  }
}

asio::awaitable<NetworkDetails> inspect_network(Engine& engine, std::string name) {
  co_return co_await call_for(engine, {.path = resource_path("/networks/", name)}, parse_network);
}

asio::awaitable<std::optional<NetworkDetails>> find_network(Engine& engine, std::string name) {
  try {
    co_return co_await inspect_network(engine, std::move(name));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<std::vector<NetworkDetails>> query_networks(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/networks", .query = filter_query(filters)}, parse_network);
}

asio::awaitable<std::vector<NetworkDetails>> list_networks(Engine& engine, std::vector<std::string> labels) {
  Filters filters;
  if (!labels.empty()) filters["label"] = std::move(labels);
  return query_networks(engine, std::move(filters));
}

asio::awaitable<bool> remove_network(Engine& engine, std::string name) {
  try {
    co_await engine.call({.method = "DELETE", .path = resource_path("/networks/", name)});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) co_return false;
    if (error.http_status() == k_forbidden || error.kind() == ErrorKind::conflict) throw_refused(error);
    throw;
  }
  co_return true;
}

}  // namespace halcyon::docker_api
