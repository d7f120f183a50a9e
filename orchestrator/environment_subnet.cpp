#include "orchestrator/environment_subnet.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <bit>
#include <optional>
#include <vector>

#include "docker_api/networks.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/own_containers.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// Networks that this host has already: the engine's, and those of its own interfaces.
asio::awaitable<std::vector<Ipv4Network>> list_taken_networks(docker_api::Engine& engine) {
  std::vector<Ipv4Network> taken;
  const auto networks = co_await docker_api::list_networks(engine);
  for (const auto& network : networks) {
    for (const std::string& subnet : network.subnets) {
      if (const auto parsed = parse_ipv4_network(subnet)) taken.push_back(*parsed);
    }
  }
  ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) co_return taken;
  for (const ifaddrs* at = interfaces; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_netmask == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
    const auto* mask = reinterpret_cast<const sockaddr_in*>(at->ifa_netmask);
    taken.push_back({ntohl(address->sin_addr.s_addr), std::popcount(mask->sin_addr.s_addr)});
  }
  ::freeifaddrs(interfaces);
  co_return taken;
}

}  // namespace

asio::awaitable<std::string> find_subnet(Session session, const EnvironmentState& state) {
  const std::string name = environment_object_name(session.environment.app, session.environment.name);
  const auto network = co_await docker_api::find_network(session.engine, name);
  if (state.installed && (network || !state.current.empty())) co_return state.subnet;
  // Left by an installation whose state directory was removed.
  if (network && is_own(network->labels, session.environment) && network->subnets.size() == 1)
    co_return network->subnets.front();
  if (!session.environment.subnet.empty()) co_return session.environment.subnet;
  const auto taken = co_await list_taken_networks(session.engine);
  const auto chosen = parse_ipv4_network(state.subnet);
  if (chosen && is_free(*chosen, taken)) co_return state.subnet;
  const auto subnet = choose_subnet(name, taken);
  if (!subnet) {
    throw Error(
        Outcome::aborted,
        "cannot choose a network: every /24 of 10.201.0.0/16 overlaps with one that this host has. Set "
        "environment.NAME.subnet to a free private /24");
  }
  co_return *subnet;
}

}  // namespace halcyon::orchestrator
