#include "orchestrator/container_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "docker_api/containers.hpp"
#include "orchestrator/names.hpp"
#include "orchestrator/own_containers.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

std::string own_name(const Promotion& promotion, const OwnContainer& container) {
  const auto service = Name::parse(container.service);
  if (!service) return container.summary.name;
  const Environment& environment = promotion.environment();
  return container_name(environment.app, environment.name, *service, container.placement.slot,
                        container.placement.origin, container.replica);
}

asio::awaitable<void> remove_double(Promotion& promotion, const OwnContainer& container,
                                    const OwnContainer& kept) {
  docker_api::ContainerId id = container.summary.id;
  co_await docker_api::remove_container(promotion.engine(), std::move(id),
                                        {.force = true, .anonymous_volumes = true});
  promotion.note(fmt::format("{} says by its labels that it is the same as {}; it was removed",
                             container.summary.name, kept.summary.name));
}

}  // namespace

asio::awaitable<void> give_names_back(Promotion& promotion) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& renamed : containers) {
    const std::string name = own_name(promotion, renamed);
    if (!renamed.is_web() || !renamed.serves(promotion.state.placements) || renamed.summary.name == name)
      continue;
    const auto namesake = std::find_if(containers.begin(), containers.end(),
                                       [&](const OwnContainer& other) { return other.summary.name == name; });
    if (namesake != containers.end()) {
      if (namesake->is_running() || !renamed.is_running()) {
        co_await remove_double(promotion, renamed, *namesake);
        continue;
      }
      co_await remove_double(promotion, *namesake, renamed);
    }
    docker_api::ContainerId id = renamed.summary.id;
    co_await docker_api::rename_container(promotion.engine(), std::move(id), name);
    promotion.note(
        fmt::format("somebody had renamed {} to {}; it has its name again", name, renamed.summary.name));
  }
}

}  // namespace halcyon::orchestrator
