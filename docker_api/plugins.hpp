// /plugins: drivers that run as plugins.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the engine says about a plugin.
struct PluginDetails {
  std::string id;
  std::string name;  ///< "vieux/sshfs:latest"
  bool enabled = false;
  std::string reference;
  std::string description;
  std::string interface_socket;
  std::vector<std::string> interface_types;  ///< "docker.volumedriver/1.0"
};
/// Filters: capability, enable. Shape: GET /plugins. Errors: unsupported (Podman has none).
boost::asio::awaitable<std::vector<PluginDetails>> list_plugins(Engine& engine, Filters filters = {});

}  // namespace halcyon::docker_api
