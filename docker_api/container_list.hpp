// GET /containers/json with all its conditions.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "docker_api/containers.hpp"
#include "docker_api/filters.hpp"

namespace halcyon::docker_api {

/// Which containers, and what about them.
struct ContainerListOptions {
  /// ancestor, before, expose, exited, health, id, is-task, isolation, label, name, network, publish, since,
  /// status, volume.
  Filters filters;
  bool all = true;                     ///< those that do not run, too
  std::optional<std::uint32_t> limit;  ///< the newest ones only, stopped ones too
  bool size = false;                   ///< let the engine walk the disk for the sizes
};

/// Lists containers; one round trip (G25).
///
/// Shape:  GET /containers/json?filters=...&all=1&limit=...&size=1.
/// Errors: bad_request for a filter that the engine does not know.
boost::asio::awaitable<std::vector<ContainerSummary>> query_containers(Engine& engine,
                                                                       ContainerListOptions options);

}  // namespace halcyon::docker_api
