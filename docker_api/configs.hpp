// /configs: files for the services of a swarm; not secret.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

class Engine;

/// What a swarm config is made from.
struct ConfigSpec {
  std::string name;
  std::string data;  ///< any bytes; sent as base64
  std::map<std::string, std::string> labels;
  std::string templating_driver;  ///< "golang"; empty: none
};

/// What the swarm says about a config.
struct ConfigDetails {
  ConfigId id;
  SwarmObject object;
  std::string data;  ///< the bytes
};

/// Shape:  POST /configs/create. Errors: conflict (name taken); refused (503: no swarm).
boost::asio::awaitable<ConfigId> create_config(Engine& engine, ConfigSpec spec);
/// `id` may be a name. Errors: not_found; refused (503: no swarm).
boost::asio::awaitable<ConfigDetails> inspect_config(Engine& engine, ConfigId id);
/// Like inspect_config(), but nothing if there is none.
boost::asio::awaitable<std::optional<ConfigDetails>> find_config(Engine& engine, ConfigId id);
/// Filters: id, label, name, names.
boost::asio::awaitable<std::vector<ConfigDetails>> list_configs(Engine& engine, Filters filters = {});
/// Changes the labels; nothing else of a config can be changed.
///
/// Shape:  POST /configs/{id}/update?version=... with the spec of inspect, its labels replaced.
/// Errors: refused (500) or bad_request if `present.object.version` is no longer the present one.
boost::asio::awaitable<void> relabel_config(Engine& engine, ConfigDetails present,
                                            std::map<std::string, std::string> labels);
/// Idempotent: false if it was absent. Errors: bad_request while a service uses it.
boost::asio::awaitable<bool> remove_config(Engine& engine, ConfigId id);

}  // namespace halcyon::docker_api
