// Containers in networks: addresses, connect and disconnect.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/addresses.hpp"
#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

bool is_taken(const Core& core, const Network& network, std::uint32_t address) {
  if (write_address(address) == network.gateway) return true;
  return std::any_of(core.containers.begin(), core.containers.end(), [&](const auto& container) {
    const auto found = container->endpoints.find(network.name);
    return found != container->endpoints.end() && found->second.network_id == network.id &&
           found->second.address == write_address(address);
  });
}

std::uint32_t choose_address(const Core& core, const Network& network, const Subnet& subnet) {
  Subnet range = subnet;
  if (const auto narrower = parse_subnet(network.ip_range)) range = *narrower;
  for (std::uint32_t address = range.first + 1; address < range.last(); ++address) {
    if (address != subnet.first && !is_taken(core, network, address)) return address;
  }
  throw Refusal{500, "could not find an available IPv4 address"};
}

std::uint32_t take_address(const Core& core, const Network& network, const Subnet& subnet,
                           const std::string& fixed) {
  if (fixed.empty()) return choose_address(core, network, subnet);
  if (!network.subnet_was_given) {
    throw Refusal{400,
                  "user specified IP address is supported only when connecting to networks with user "
                  "configured subnets"};
  }
  const auto address = parse_address(fixed);
  if (!address || !subnet.contains(*address)) {
    throw Refusal{
        500, fmt::format("Invalid address {}: It does not belong to any of this network's subnets", fixed)};
  }
  if (is_taken(core, network, *address)) throw Refusal{403, "Address already in use"};
  return *address;
}

Endpoint read_endpoint(const json& settings) {
  Endpoint endpoint;
  if (!settings.is_object()) return endpoint;
  if (const auto ipam = settings.find("IPAMConfig"); ipam != settings.end() && ipam->is_object()) {
    endpoint.fixed_address = ipam->value("IPv4Address", "");
  }
  if (const auto aliases = settings.find("Aliases"); aliases != settings.end() && aliases->is_array()) {
    endpoint.aliases = aliases->get<std::vector<std::string>>();
  }
  return endpoint;
}

}  // namespace

void connect_endpoint(Core& core, Container& container, const std::string& network_name, Endpoint& endpoint) {
  const Network& network = core.network(network_name);
  const auto subnet = parse_subnet(network.subnet);
  if (subnet) {
    const std::uint32_t address = take_address(core, network, *subnet, endpoint.fixed_address);
    endpoint.address = write_address(address);
    endpoint.gateway = network.gateway;
    endpoint.prefix_bits = subnet->bits;
    endpoint.mac = fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24U, (address >> 16U) & 0xffU,
                               (address >> 8U) & 0xffU, address & 0xffU);
  }
  endpoint.network_id = network.id;
  endpoint.endpoint_id = core.new_id();
  core.emit("network", "connect", network.id,
            {{"container", container.id}, {"name", network.name}, {"type", network.driver}});
}

void connect_endpoints(Core& core, Container& container) {
  for (auto& [name, endpoint] : container.endpoints) {
    try {
      connect_endpoint(core, container, name, endpoint);
    } catch (const Refusal& refusal) {
      container.error = refusal.message;
      container.exit_code = 128;
      release_addresses(core, container, true);
      throw;
    }
  }
}

void release_addresses(Core& core, Container& container, bool announce) {
  for (auto& [name, endpoint] : container.endpoints) {
    if (endpoint.network_id.empty()) continue;
    const Network* network = core.find_network(endpoint.network_id);
    endpoint = {.fixed_address = endpoint.fixed_address, .aliases = endpoint.aliases};
    if (!announce || network == nullptr) continue;
    core.emit("network", "disconnect", network->id,
              {{"container", container.id}, {"name", network->name}, {"type", network->driver}});
  }
}

json show_endpoint(const Endpoint& endpoint) {
  json shown{{"IPAMConfig", nullptr},
             {"Links", nullptr},
             {"Aliases", nullptr},
             {"NetworkID", endpoint.network_id},
             {"EndpointID", endpoint.endpoint_id},
             {"Gateway", endpoint.gateway},
             {"IPAddress", endpoint.address},
             {"IPPrefixLen", endpoint.prefix_bits},
             {"IPv6Gateway", ""},
             {"GlobalIPv6Address", ""},
             {"GlobalIPv6PrefixLen", 0},
             {"MacAddress", endpoint.mac},
             {"DriverOpts", nullptr}};
  if (!endpoint.fixed_address.empty()) shown["IPAMConfig"] = {{"IPv4Address", endpoint.fixed_address}};
  if (!endpoint.aliases.empty()) shown["Aliases"] = endpoint.aliases;
  return shown;
}

Answer connect_network(Core& core, const Call& call) {
  const json body = read_body(call.request);
  Container& container = core.container(body.value("Container", ""));
  const Network& network = core.network(call.name);
  const auto present = container.endpoints.find(network.name);
  if (present != container.endpoints.end() && container.is_running()) {
    throw Refusal{
        403, fmt::format("endpoint with name {} already exists in network {}", container.name, network.name)};
  }
  core.effect("network.connect", fmt::format("{} {}", network.name, container.name));
  Endpoint endpoint = read_endpoint(body.contains("EndpointConfig") ? body.at("EndpointConfig") : json());
  endpoint.aliases.push_back(short_id(container.id));
  if (container.is_running()) connect_endpoint(core, container, network.name, endpoint);
  container.endpoints[network.name] = std::move(endpoint);
  return answer_empty(200);
}

Answer disconnect_network(Core& core, const Call& call) {
  const json body = read_body(call.request);
  const bool force = body.value("Force", false);
  const std::string wanted = body.value("Container", "");
  const Network& network = core.network(call.name);
  Container* container = core.find_container(wanted);
  if (container == nullptr) {
    throw Refusal{404, force ? fmt::format("endpoint {} not found", wanted)
                             : fmt::format("No such container: {}", wanted)};
  }
  const auto found = container->endpoints.find(network.name);
  if (found == container->endpoints.end()) {
    throw Refusal{500,
                  fmt::format("container {} is not connected to network {}", container->id, network.name)};
  }
  core.effect("network.disconnect", fmt::format("{} {}", network.name, container->name));
  const bool was_connected = !found->second.network_id.empty();
  container->endpoints.erase(found);
  if (was_connected) {
    core.emit("network", "disconnect", network.id,
              {{"container", container->id}, {"name", network.name}, {"type", network.driver}});
  }
  return answer_empty(200);
}

}  // namespace halcyon::docker_api::fake
