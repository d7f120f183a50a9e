// /services: what a swarm runs. All calls need a manager: refused (503) elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/images.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

/// What the swarm says about a service.
struct ServiceDetails {
  ServiceId id;
  SwarmObject object;
  std::string image;
  std::string mode;                       ///< Replicated, Global, ReplicatedJob, GlobalJob; empty: unknown
  std::optional<std::uint64_t> replicas;  ///< of a replicated one
  std::string update_state;               ///< open set: updating, paused, completed, rollback_started, ...
  std::string update_message;
  std::optional<std::uint64_t> running_tasks;  ///< with status asked for
  std::optional<std::uint64_t> desired_tasks;
};

/// The basics; everything else goes through `more_json`.
struct ServiceSpec {
  std::string name;
  std::string image;
  std::vector<std::string> command;  ///< entrypoint
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::map<std::string, std::string> labels;
  std::optional<std::uint64_t> replicas;  ///< nothing: one on each node
  std::vector<std::string> networks;
  std::string more_json;  ///< a JSON object laid over the whole spec (RFC 7396); empty: none
};

/// What the swarm made, and what it finds doubtful about it.
struct CreatedService {
  ServiceId id;
  std::vector<std::string> warnings;
};
/// Shape:  POST /services/create. Errors: conflict (name taken), bad_request, invalid_argument.
boost::asio::awaitable<CreatedService> create_service(Engine& engine, ServiceSpec spec,
                                                      std::optional<RegistryCredentials> credentials = {});
/// `id` may be a name. Errors: not_found.
boost::asio::awaitable<ServiceDetails> inspect_service(Engine& engine, ServiceId id);
/// Like inspect_service(), but nothing if there is none.
boost::asio::awaitable<std::optional<ServiceDetails>> find_service(Engine& engine, ServiceId id);

/// Which services, and what about them.
struct ServiceListOptions {
  Filters filters;      ///< id, label, mode, name
  bool status = false;  ///< count tasks; needs API 1.41
};
/// Lists services. Shape: GET /services. Errors: refused if the engine is no swarm manager; unsupported.
boost::asio::awaitable<std::vector<ServiceDetails>> list_services(Engine& engine,
                                                                  ServiceListOptions options = {});

/// Where an update comes from, and as whom its image is pulled.
struct ServiceUpdateOptions {
  std::optional<RegistryCredentials> credentials;
  std::string credentials_from;  ///< spec or previous-spec, if none are given
  bool roll_back = false;        ///< to the previous spec; the one sent is ignored
};
/// Replaces the spec: take `object.spec_json` of inspect, change it, send it with `object.version`. Returns
/// warnings.
///
/// Shape:  POST /services/{id}/update?version=...&registryAuthFrom=...&rollback=previous.
/// Errors: refused (500) or bad_request if `version` is no longer the present one; invalid_argument.
boost::asio::awaitable<std::vector<std::string>> update_service(Engine& engine, ServiceId id,
                                                                std::uint64_t version, std::string spec_json,
                                                                ServiceUpdateOptions options = {});
/// Idempotent: false if it was absent.
boost::asio::awaitable<bool> remove_service(Engine& engine, ServiceId id);

}  // namespace halcyon::docker_api
