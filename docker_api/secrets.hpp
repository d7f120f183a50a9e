// /secrets: secrets of a swarm, whose contents never come back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/secret.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

class Engine;

/// What a swarm secret is made from.
struct SecretSpec {
  std::string name;
  Secret data;  ///< any bytes; sent as base64
  std::map<std::string, std::string> labels;
  std::string templating_driver;  ///< "golang"; empty: none
};

/// What the swarm says about a secret: never its value.
struct SecretDetails {
  SecretId id;
  SwarmObject object;
  std::string driver;  ///< of a secret that another program keeps
};

/// Shape:  POST /secrets/create. Errors: conflict (name taken); refused (503: no swarm).
boost::asio::awaitable<SecretId> create_secret(Engine& engine, SecretSpec spec);
/// `id` may be a name. Errors: not_found; refused (503: no swarm).
boost::asio::awaitable<SecretDetails> inspect_secret(Engine& engine, SecretId id);
/// Like inspect_secret(), but nothing if there is none.
boost::asio::awaitable<std::optional<SecretDetails>> find_secret(Engine& engine, SecretId id);
/// Filters: id, label, name, names.
boost::asio::awaitable<std::vector<SecretDetails>> list_secrets(Engine& engine, Filters filters = {});
/// Changes the labels; nothing else of a secret can be changed.
///
/// Shape:  POST /secrets/{id}/update?version=... with the spec of inspect, its labels replaced.
/// Errors: refused (500) or bad_request if `present.object.version` is no longer the present one.
boost::asio::awaitable<void> relabel_secret(Engine& engine, SecretDetails present,
                                            std::map<std::string, std::string> labels);
/// Idempotent: false if it was absent. Errors: bad_request while a service uses it.
boost::asio::awaitable<bool> remove_secret(Engine& engine, SecretId id);

}  // namespace halcyon::docker_api
