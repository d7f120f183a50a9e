// /networks. Connect and disconnect: network_endpoints.hpp; prune: prune.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;

/// What a network is made from.
struct NetworkSpec {
  std::string name;
  std::string driver = "bridge";
  std::string subnet;    ///< "10.201.7.0/24"; empty: the engine chooses
  std::string gateway;   ///< "10.201.7.1"
  std::string ip_range;  ///< where the engine takes addresses from when none is asked for
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
  bool internal = false;    ///< no way out
  bool attachable = false;  ///< swarm: single containers may join
  bool enable_ipv6 = false;
  std::optional<bool> enable_ipv4;  ///< needs API 1.48
};

/// What the engine says about a network.
struct NetworkDetails {
  NetworkId id;
  std::string name;
  std::string driver;
  std::vector<std::string> subnets;
  std::vector<std::string> gateways;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string>
      container_addresses;  ///< container id -> IPv4 address, running ones only
  std::string scope;        ///< open set: local, swarm, global
  bool internal = false;
  bool attachable = false;
  bool enable_ipv6 = false;
};

/// Shape: POST /networks/create. Errors: conflict (name taken), refused (subnet overlaps; the engine's own
/// words), unsupported.
boost::asio::awaitable<NetworkId> create_network(Engine& engine, NetworkSpec spec);
/// Like inspect_network(), but nothing if there is none.
boost::asio::awaitable<std::optional<NetworkDetails>> find_network(Engine& engine, std::string name);
/// Like find_network, but throws. Errors: not_found.
boost::asio::awaitable<NetworkDetails> inspect_network(Engine& engine, std::string name);
/// All networks, without their containers.
boost::asio::awaitable<std::vector<NetworkDetails>> list_networks(Engine& engine,
                                                                  std::vector<std::string> labels = {});
/// The same with any conditions: dangling, driver, id, label, name, scope, type.
boost::asio::awaitable<std::vector<NetworkDetails>> query_networks(Engine& engine, Filters filters);
/// Idempotent: false if it was absent. Errors: refused while containers are attached.
boost::asio::awaitable<bool> remove_network(Engine& engine, std::string name);

}  // namespace halcyon::docker_api
