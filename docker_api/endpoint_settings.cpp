#include "docker_api/endpoint_settings.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {

using nlohmann::json;

json make_endpoint_settings(const NetworkAttachment& network, ApiVersion version, EngineKind kind) {
  if (network.network.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "network attachment",
                 .explanation = "the network has no name"});
  }
  json endpoint = json::object();
  if (network.ipv4) endpoint["IPAMConfig"]["IPv4Address"] = *network.ipv4;
  if (network.ipv6) endpoint["IPAMConfig"]["IPv6Address"] = *network.ipv6;
  if (!network.aliases.empty()) endpoint["Aliases"] = network.aliases;
  if (!network.driver_options.empty()) endpoint["DriverOpts"] = network.driver_options;
  if (!network.mac_address.empty()) {
    // Podman has always taken it, under whatever version.
    if (kind != EngineKind::podman) require_option(version, GatedOption::endpoint_mac_address);
    endpoint["MacAddress"] = network.mac_address;
  }
  if (network.gateway_priority) {
    require_option(version, GatedOption::gateway_priority);
    endpoint["GwPriority"] = *network.gateway_priority;
  }
  return endpoint;
}

}  // namespace halcyon::docker_api
