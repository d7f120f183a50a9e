// /swarm: the cluster that this engine belongs to.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"
#include "docker_api/secret.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

class Engine;

/// How a new swarm begins.
struct SwarmInit {
  std::string listen_address = "0.0.0.0:2377";
  std::string advertise_address;  ///< what other nodes are told; empty: the engine looks for one
  std::string data_path_address;
  std::uint32_t data_path_port = 0;  ///< 0: the engine's own, 4789
  std::vector<std::string> address_pools;
  std::uint32_t subnet_size = 0;
  bool force_new_cluster = false;
  bool lock_managers = false;  ///< a restarted manager waits for the unlock key
  std::string spec_json;       ///< further fields of Spec; empty: none
};
/// Makes this engine the first manager of a new swarm; returns its node.
///
/// Shape:  POST /swarm/init. Errors: refused (503) if it is in a swarm already; bad_request.
boost::asio::awaitable<NodeId> init_swarm(Engine& engine, SwarmInit options);

/// Which swarm to join, and as what.
struct SwarmJoin {
  std::vector<std::string> managers;  ///< "10.0.0.1:2377"
  Secret token;                       ///< of `inspect_swarm` at a manager
  std::string listen_address = "0.0.0.0:2377";
  std::string advertise_address;
  std::string data_path_address;
  std::string availability;  ///< active, pause, drain; empty: active
};
/// Shape: POST /swarm/join. Errors: refused (503) if it is in a swarm already; invalid_argument.
boost::asio::awaitable<void> join_swarm(Engine& engine, SwarmJoin options);
/// `force`: the last manager too, which ends the swarm. Errors: refused (503) if it is in none.
boost::asio::awaitable<void> leave_swarm(Engine& engine, bool force = false);

/// What an engine says about its swarm.
struct SwarmDetails {
  std::string id;
  SwarmObject object;
  Secret worker_token;   ///< what a worker joins with; in no other member, `object.raw_json` neither
  Secret manager_token;  ///< the same for a manager
  bool root_rotation_in_progress = false;
  std::vector<std::string> address_pools;
  std::uint64_t subnet_size = 0;
  std::uint64_t data_path_port = 0;
};
/// Errors: refused (503) if this engine is no manager.
boost::asio::awaitable<SwarmDetails> inspect_swarm(Engine& engine);
/// The same, but nothing if this engine is no manager of a swarm. Errors: refused (503) by a manager that is
/// locked or has no quorum.
boost::asio::awaitable<std::optional<SwarmDetails>> find_swarm(Engine& engine);

/// Which tokens and keys change.
struct SwarmUpdateOptions {
  bool rotate_worker_token = false;
  bool rotate_manager_token = false;
  bool rotate_unlock_key = false;
};
/// Replaces the spec. Shape: POST /swarm/update?version=...&rotateWorkerToken=...
/// Errors: refused if `version` is no longer the present one; invalid_argument if `spec_json` is no JSON
/// object.
boost::asio::awaitable<void> update_swarm(Engine& engine, std::uint64_t version, std::string spec_json,
                                          SwarmUpdateOptions options = {});

/// The key that a locked manager waits for; empty if managers are not locked.
boost::asio::awaitable<Secret> inspect_unlock_key(Engine& engine);
/// Unlocks this manager. Shape: POST /swarm/unlock. Errors: refused (503) if it is not locked.
boost::asio::awaitable<void> unlock_swarm(Engine& engine, Secret unlock_key);

}  // namespace halcyon::docker_api
