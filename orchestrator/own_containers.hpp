// The containers that belong to an environment, told by their labels, never by their names.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"
#include "orchestrator/configuration.hpp"
#include "orchestrator/environment_state.hpp"

namespace halcyon::orchestrator {

struct OwnContainer {
  docker_api::ContainerSummary summary;
  std::string service;
  std::string kind;     ///< "web" or "accessory"
  Placement placement;  ///< web only
  int replica = 1;
  std::string promotion;  ///< label of the one that created it

  bool is_web() const noexcept { return kind == "web"; }
  bool is_running() const noexcept {
    return summary.state == "running" || summary.state == "restarting" || summary.state == "paused";
  }
  bool serves(const Placements& placements) const;
};

/// The labels that make a thing ours. `placement` for web services only.
std::map<std::string, std::string> make_labels(const Environment& environment, const Service& service,
                                               const Placement* placement, int replica,
                                               const std::string& promotion);
/// The labels of things that belong to no service: the network, a volume.
std::map<std::string, std::string> make_labels(const Environment& environment, const std::string& promotion);

/// True if the labels say that the thing belongs to this environment.
bool is_own(const std::map<std::string, std::string>& labels, const Environment& environment);

/// All containers of the environment, stopped ones too, in one round trip.
boost::asio::awaitable<std::vector<OwnContainer>> list_own_containers(docker_api::Engine& engine,
                                                                      const Environment& environment);

}  // namespace halcyon::orchestrator
