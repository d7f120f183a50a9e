#include "docker_api/prune.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr ApiVersion k_reserved_space_since{1, 48};

/// The engine answers when all is gone.
constexpr std::chrono::minutes k_prune_deadline{10};

EngineRequest make_prune(std::string path, const Filters& filters) {
  EngineRequest request{.method = "POST", .path = std::move(path), .query = filter_query(filters)};
  request.deadlines.head = k_prune_deadline;
  return request;
}

asio::awaitable<PruneResult> prune(Engine& engine, EngineRequest request, const char* removed_key) {
  co_return co_await call_for(engine, std::move(request), [removed_key](const json& body) {
    return PruneResult{.removed = get_strings(body, removed_key),
                       .reclaimed_bytes = find_size(body, "SpaceReclaimed").value_or(0)};
  });
}

PruneResult parse_pruned_images(const json& body) {
  PruneResult result{.reclaimed_bytes = find_size(body, "SpaceReclaimed").value_or(0)};
  for (const json& image : get_list(body, "ImagesDeleted")) {
    for (const char* key : {"Untagged", "Deleted"}) {
      if (std::string name = get_string(image, key); !name.empty()) result.removed.push_back(std::move(name));
    }
  }
  return result;
}

}  // namespace

asio::awaitable<PruneResult> prune_containers(Engine& engine, Filters filters) {
  co_return co_await prune(engine, make_prune("/containers/prune", filters), "ContainersDeleted");
}

asio::awaitable<PruneResult> prune_images(Engine& engine, ImagePruneOptions options) {
  options.filters["dangling"] = {options.tagged_too ? "false" : "true"};
  co_return co_await call_for(engine, make_prune("/images/prune", options.filters), parse_pruned_images);
}

asio::awaitable<PruneResult> prune_networks(Engine& engine, Filters filters) {
  co_return co_await prune(engine, make_prune("/networks/prune", filters), "NetworksDeleted");
}

asio::awaitable<PruneResult> prune_volumes(Engine& engine, VolumePruneOptions options) {
  const ApiVersion version = co_await engine.api_version();
  if (!options.named_too) {
    require_option(version, GatedOption::volume_prune_all);
  } else if (version >= gate_of(GatedOption::volume_prune_all).since) {
    options.filters["all"] = {"true"};
  }
  co_return co_await prune(engine, make_prune("/volumes/prune", options.filters), "VolumesDeleted");
}

asio::awaitable<PruneResult> prune_build_cache(Engine& engine, BuildCachePruneOptions options) {
  EngineRequest request = make_prune("/build/prune", options.filters);
  if (options.all) request.query.emplace_back("all", "1");
  if (options.keep_bytes) {
    const bool is_new = co_await engine.api_version() >= k_reserved_space_since;
    request.query.emplace_back(is_new ? "reserved-space" : "keep-storage",
                               std::to_string(*options.keep_bytes));
  }
  co_return co_await prune(engine, std::move(request), "CachesDeleted");
}

}  // namespace halcyon::docker_api
