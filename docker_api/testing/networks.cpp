#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/addresses.hpp"
#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

bool overlaps_any(const Core& core, const Subnet& subnet) {
  return std::any_of(core.networks.begin(), core.networks.end(), [&subnet](const Network& network) {
    const auto other = parse_subnet(network.subnet);
    return other && other->overlaps(subnet);
  });
}

/// 172.18.0.0/16 and so on: what an engine gives networks that ask for nothing.
void choose_subnet(const Core& core, Network& network) {
  for (std::uint32_t second = 18; second < 32; ++second) {
    const Subnet subnet{.first = (172U << 24U) | (second << 16U), .bits = 16};
    if (overlaps_any(core, subnet)) continue;
    network.subnet = fmt::format("172.{}.0.0/16", second);
    network.gateway = fmt::format("172.{}.0.1", second);
    return;
  }
  throw Refusal{403,
                "could not find an available, non-overlapping IPv4 address pool among the defaults to "
                "assign to the network"};
}

void take_subnet(const Core& core, const json& body, Network& network) {
  const json empty = json::array();
  const json& ipam = body.contains("IPAM") ? body.at("IPAM") : empty;
  const json& given = ipam.is_object() && ipam.contains("Config") ? ipam.at("Config") : empty;
  if (!given.is_array() || given.empty() || given[0].value("Subnet", "").empty()) {
    choose_subnet(core, network);
    return;
  }
  network.subnet = given[0].value("Subnet", "");
  const auto subnet = parse_subnet(network.subnet);
  if (!subnet) {
    throw Refusal{500, fmt::format("Invalid subnet {0} : invalid CIDR address: {0}", network.subnet)};
  }
  if (overlaps_any(core, *subnet)) throw Refusal{403, "Pool overlaps with other one on this address space"};
  network.gateway = given[0].value("Gateway", write_address(subnet->first + 1));
  network.ip_range = given[0].value("IPRange", "");
  network.subnet_was_given = true;
}

std::map<std::string, std::string> read_map(const json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_object()) return {};
  return found->get<std::map<std::string, std::string>>();
}

json show_containers(const Core& core, const Network& network) {
  json shown = json::object();
  for (const auto& container : core.containers) {
    const auto found = container->endpoints.find(network.name);
    if (found == container->endpoints.end() || found->second.network_id != network.id) continue;
    const Endpoint& endpoint = found->second;
    shown[container->id] = {{"Name", container->name},
                            {"EndpointID", endpoint.endpoint_id},
                            {"MacAddress", endpoint.mac},
                            {"IPv4Address", fmt::format("{}/{}", endpoint.address, endpoint.prefix_bits)},
                            {"IPv6Address", ""}};
  }
  return shown;
}

json show_network(const Network& network) {
  json config = json::array();
  if (!network.subnet.empty()) {
    config.push_back({{"Subnet", network.subnet}, {"Gateway", network.gateway}});
    if (!network.ip_range.empty()) config[0]["IPRange"] = network.ip_range;
  }
  return {{"Name", network.name},
          {"Id", network.id},
          {"Created", to_rfc3339(network.created)},
          {"Scope", "local"},
          {"Driver", network.driver},
          {"EnableIPv6", network.enable_ipv6},
          {"IPAM", {{"Driver", "default"}, {"Options", nullptr}, {"Config", config}}},
          {"Internal", network.internal},
          {"Attachable", network.attachable},
          {"Ingress", false},
          {"ConfigFrom", {{"Network", ""}}},
          {"ConfigOnly", false},
          {"Containers", json::object()},
          {"Options", network.options},
          {"Labels", network.labels}};
}

bool is_used(const Core& core, const Network& network) {
  return std::any_of(core.containers.begin(), core.containers.end(), [&network](const auto& container) {
    return std::any_of(container->endpoints.begin(), container->endpoints.end(),
                       [&network](const auto& pair) { return pair.second.network_id == network.id; });
  });
}

void erase_network(Core& core, const Network& network) {
  const std::string id = network.id;
  core.emit("network", "destroy", id, {{"name", network.name}, {"type", network.driver}});
  std::erase_if(core.networks, [&id](const Network& other) { return other.id == id; });
}

}  // namespace

Answer create_network(Core& core, const Call& call) {
  const json body = read_body(call.request);
  Network network{.name = body.value("Name", ""),
                  .driver = body.value("Driver", "bridge"),
                  .internal = body.value("Internal", false),
                  .attachable = body.value("Attachable", false),
                  .enable_ipv6 = body.value("EnableIPv6", false),
                  .labels = read_map(body, "Labels"),
                  .options = read_map(body, "Options")};
  if (network.driver.empty()) network.driver = "bridge";
  if (network.name.empty()) throw Refusal{500, "invalid name: "};
  const auto same = std::find_if(core.networks.begin(), core.networks.end(),
                                 [&](const Network& other) { return other.name == network.name; });
  if (same != core.networks.end() && same->predefined) {
    throw Refusal{403, fmt::format("operation is not permitted on predefined {} network ", network.name)};
  }
  const bool must_be_unique =
      body.value("CheckDuplicate", false) || call.request.version >= ApiVersion{1, 44};
  if (same != core.networks.end() && must_be_unique) {
    throw Refusal{409, fmt::format("network with name {} already exists", network.name)};
  }
  if (network.driver != "bridge" && network.driver != "macvlan" && network.driver != "ipvlan") {
    throw Refusal{404, fmt::format("plugin \"{}\" not found", network.driver)};
  }
  take_subnet(core, body, network);
  core.effect("network.create", network.name);
  network.id = core.new_id();
  network.created = core.now();
  core.networks.push_back(network);
  core.emit("network", "create", network.id, {{"name", network.name}, {"type", network.driver}});
  return answer_json({{"Id", network.id}, {"Warning", ""}}, 201);
}

Answer list_networks(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"driver", "id", "label", "name", "type"}, {"dangling", "scope"});
  json list = json::array();
  for (const Network& network : core.networks) {
    const auto names = filters.find("name");
    const bool has_name = names == filters.end() ||
                          std::any_of(names->second.begin(), names->second.end(), [&](const auto& part) {
                            return network.name.find(part) != std::string::npos;
                          });
    if (has_name && matches_exactly(filters, "driver", network.driver) &&
        matches_start(filters, "id", network.id) && matches_labels(filters, "label", network.labels) &&
        matches_exactly(filters, "type", network.predefined ? "builtin" : "custom")) {
      list.push_back(show_network(network));
    }
  }
  return answer_json(list);
}

Answer inspect_network(Core& core, const Call& call) {
  const Network& network = core.network(call.name);
  json shown = show_network(network);
  shown["Containers"] = show_containers(core, network);
  return answer_json(shown);
}

Answer remove_network(Core& core, const Call& call) {
  const Network& network = core.network(call.name);
  if (network.predefined) {
    throw Refusal{403, fmt::format("{} is a pre-defined network and cannot be removed", network.name)};
  }
  if (is_used(core, network)) {
    throw Refusal{403, fmt::format("error while removing network: network {} id {} has active endpoints",
                                   network.name, network.id)};
  }
  core.effect("network.remove", network.name);
  erase_network(core, network);
  return answer_empty(204);
}

Answer prune_networks(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"label", "label!"}, {"until"});
  std::vector<std::string> ids;
  for (const Network& network : core.networks) {
    const bool is_named = std::any_of(core.containers.begin(), core.containers.end(), [&](const auto& c) {
      return c->is_running() && c->endpoints.contains(network.name);
    });
    if (!network.predefined && !is_named && matches_prune_labels(filters, network.labels)) {
      ids.push_back(network.id);
    }
  }
  json names;
  for (const std::string& id : ids) {
    const Network& network = core.network(id);
    core.effect("network.remove", network.name);
    names.push_back(network.name);
    erase_network(core, network);
  }
  core.emit("network", "prune", "", {{"reclaimed", "0"}});
  return answer_json({{"NetworksDeleted", names}});
}

}  // namespace halcyon::docker_api::fake
