// Removes what nobody uses: containers, images, networks, volumes, build cache.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"

namespace halcyon::docker_api {

class Engine;

/// What went, and what that freed.
struct PruneResult {
  std::vector<std::string> removed;  ///< ids, names, or for images what was untagged or deleted
  std::uint64_t reclaimed_bytes = 0;
};

/// Removes all stopped containers that match. Filters: until, label, label!.
/// Shape: POST /containers/prune. Errors: conflict while another prune runs.
boost::asio::awaitable<PruneResult> prune_containers(Engine& engine, Filters filters = {});

/// Which images go.
struct ImagePruneOptions {
  Filters filters;          ///< until, label, label!
  bool tagged_too = false;  ///< all that no container uses, not only those without a name
};
/// Shape: POST /images/prune?filters={"dangling":["true"|"false"],...}.
boost::asio::awaitable<PruneResult> prune_images(Engine& engine, ImagePruneOptions options = {});

/// Removes user-defined networks without containers. Filters: until, label, label!.
boost::asio::awaitable<PruneResult> prune_networks(Engine& engine, Filters filters = {});

/// Which volumes go.
struct VolumePruneOptions {
  Filters filters;         ///< label, label!
  bool named_too = false;  ///< false: anonymous ones only
};
/// Removes volumes that no container uses.
///
/// Shape:  POST /volumes/prune, with the filter `all` from API 1.42 on.
/// Errors: unsupported for named_too = false below API 1.42: those engines remove the named ones as well, and
///         data would be lost.
boost::asio::awaitable<PruneResult> prune_volumes(Engine& engine, VolumePruneOptions options = {});

/// Which entries of the build cache go.
struct BuildCachePruneOptions {
  Filters filters;                          ///< until, id, type, inuse, shared, private
  bool all = false;                         ///< not only what nothing refers to
  std::optional<std::uint64_t> keep_bytes;  ///< leave that much
};
/// Shape: POST /build/prune?all=1&reserved-space=... (before API 1.48: keep-storage).
boost::asio::awaitable<PruneResult> prune_build_cache(Engine& engine, BuildCachePruneOptions options = {});

}  // namespace halcyon::docker_api
