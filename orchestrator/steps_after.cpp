// drain, retire and prune: what is behind COMMIT. Each works from labels and the journal alone, so that it
// can be done by another process than the one that committed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "orchestrator/bounded.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/pulled_images.hpp"
#include "orchestrator/socket_count.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using docker_api::ContainerId;

constexpr milliseconds k_drain_poll{10};
constexpr milliseconds k_margin{15'000};  // for asking the engine, and for telling about it
constexpr seconds k_stop_margin{10};      // the engine's own time to kill and clean up
constexpr std::uint16_t k_unknown_port = 0;

bool is_retired(const Promotion& promotion, const OwnContainer& container) {
  return container.is_web() && !container.serves(promotion.state.placements);
}

/// The most that any release whose containers may still be there, or the configuration, allows.
milliseconds longest_of_releases(const Promotion& promotion, milliseconds (*time_of)(const Release&)) {
  Release configured;
  for (const Service& service : promotion.environment().services)
    configured.services.emplace(service.name.text(), ReleaseService{.service = service});
  milliseconds longest = time_of(configured);
  for (const CommittedRelease& committed : promotion.state.releases) {
    try {
      longest = std::max(longest, time_of(promotion.directory.read_release(committed.id)));
    } catch (const Error&) {
      continue;  // its containers are treated as configured now
    }
  }
  return longest + k_margin;
}

/// `began`: of the drain as a whole, for all containers together.
asio::awaitable<void> drain_one(Promotion& promotion, const OwnContainer& container,
                                Clock::time_point began) {
  const Service settings = find_settings(promotion, container);
  ContainerId id = container.summary.id;
  const auto details = co_await docker_api::find_container(promotion.engine(), std::move(id));
  if (!details || !details->running) co_return;
  const auto deadline = began + settings.drain_max;
  std::optional<std::uint64_t> told;
  for (;;) {
    const auto connections = count_connections(details->pid, settings.port);
    if (!connections) {
      promotion.note(
          fmt::format("the connections of {} cannot be counted (its process cannot be looked at from here); "
                      "it is stopped after {} ms",
                      container.summary.name, settings.drain_max.count()));
      co_await pause(
          std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(deadline - Clock::now())));
      co_return;
    }
    if (connections != told) {
      promotion.tell({.kind = EventKind::progress,
                      .step = "drain",
                      .service = container.service,
                      .text = "connections left",
                      .current = *connections});
      told = connections;
    }
    if (*connections == 0) co_return;
    if (Clock::now() >= deadline) {
      promotion.note(fmt::format("{} connections to {} were still open after {} ms (drain_max) and are cut",
                                 *connections, container.summary.name, settings.drain_max.count()));
      co_return;
    }
    co_await pause(k_drain_poll);
  }
}

}  // namespace

Service find_settings(const Promotion& promotion, const OwnContainer& container) {
  const Service* configured = promotion.environment().find_service(container.service);
  try {
    const Release release = promotion.directory.read_release(container.placement.origin);
    if (const ReleaseService* entry = release.find_service(container.service)) return entry->service;
  } catch (const Error&) {
    // Its record is gone; the present configuration is the best that is known.
  }
  if (configured != nullptr) return *configured;
  Service unknown{.name = promotion.environment().name};
  unknown.port = k_unknown_port;
  return unknown;
}

milliseconds longest_drain(const Promotion& promotion) {
  return longest_of_releases(promotion, [](const Release& release) {
    milliseconds longest{0};
    for (const auto& [name, entry] : release.services) longest = std::max(longest, entry.service.drain_max);
    return longest;
  });
}

milliseconds longest_stop(const Promotion& promotion) {
  return longest_of_releases(promotion, [](const Release& release) {
    milliseconds all{0};
    for (const auto& [name, entry] : release.services)
      all += (entry.service.stop_timeout + k_stop_margin) * entry.service.replicas;
    return all;
  });
}

/// A container that serves must come back after its own crash, the engine's and the host's. `unless-stopped`
/// does not after the engine's: third_party_docs/docker_engine_api.md.
asio::awaitable<void> keep_serving_containers_running(Promotion& promotion) {
  const auto kind = co_await promotion.engine().kind();
  if (kind == docker_api::EngineKind::podman) co_return;  // they have had their policy from the beginning
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!container.is_web() || !container.serves(promotion.state.placements)) continue;
    ContainerId id = container.summary.id;
    co_await docker_api::update_restart_policy(promotion.engine(), std::move(id),
                                               docker_api::RestartPolicy::always);
  }
}

asio::awaitable<void> drain_old_containers(Promotion& promotion) {
  co_await keep_serving_containers_running(promotion);
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  const auto began = Clock::now();
  for (const OwnContainer& container : containers) {
    if (is_retired(promotion, container) && container.is_running())
      co_await drain_one(promotion, container, began);
  }
}

/// Stopped for good: `always` would bring them back with the engine.
asio::awaitable<void> stop_old_containers(Promotion& promotion) {
  const bool has_policies = co_await promotion.engine().kind() != docker_api::EngineKind::podman;
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!is_retired(promotion, container)) continue;
    const ContainerId id = container.summary.id;
    if (has_policies)
      co_await docker_api::update_restart_policy(promotion.engine(), id, docker_api::RestartPolicy::no);
    if (container.is_running()) co_await docker_api::stop_container(promotion.engine(), id);
  }
}

asio::awaitable<Verdict> old_containers_stopped(Promotion& promotion) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (is_retired(promotion, container) && container.is_running()) co_return Verdict::does_not_hold;
  }
  co_return Verdict::holds;
}

asio::awaitable<void> prune_old_releases(Promotion& promotion) {
  forget_replaced_declaration(promotion);
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!is_retired(promotion, container) || container.serves(promotion.state.previous_placements)) continue;
    ContainerId id = container.summary.id;
    co_await docker_api::remove_container(promotion.engine(), std::move(id));
  }
  co_await remove_unneeded_images(promotion);
}

}  // namespace halcyon::orchestrator
