// /nodes: the engines of a swarm. All calls need a manager: refused (503) elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the swarm says about a node.
struct NodeDetails {
  NodeId id;
  SwarmObject object;
  std::string role;          ///< open set: worker, manager
  std::string availability;  ///< open set: active, pause, drain
  std::string state;         ///< open set: unknown, down, ready, disconnected
  std::string address;
  std::string hostname;
  std::string os;
  std::string architecture;
  std::string engine_version;
  std::int64_t nano_cpus = 0;
  std::uint64_t memory_bytes = 0;
  bool is_leader = false;
  std::string reachability;  ///< of a manager: unknown, unreachable, reachable
};

/// `id` may be a name. Errors: not_found.
boost::asio::awaitable<NodeDetails> inspect_node(Engine& engine, NodeId id);
/// Like inspect_node(), but nothing if there is none.
boost::asio::awaitable<std::optional<NodeDetails>> find_node(Engine& engine, NodeId id);
/// Filters: id, label, membership, name, node.label, role.
boost::asio::awaitable<std::vector<NodeDetails>> list_nodes(Engine& engine, Filters filters = {});

/// What changes; a field without value stays as it is.
struct NodeUpdate {
  std::optional<std::string> role;
  std::optional<std::string> availability;
  std::optional<std::map<std::string, std::string>> labels;
};
/// Shape:  POST /nodes/{id}/update?version=... with the spec of inspect, changed.
/// Errors: refused (500) or bad_request if `present` is no longer the present version.
boost::asio::awaitable<void> update_node(Engine& engine, NodeDetails present, NodeUpdate update);
/// Idempotent: false if it was absent. Errors: bad_request or refused for a node that is up, unless `force`.
boost::asio::awaitable<bool> remove_node(Engine& engine, NodeId id, bool force = false);

}  // namespace halcyon::docker_api
