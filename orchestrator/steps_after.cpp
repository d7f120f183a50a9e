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
constexpr std::uint16_t k_unknown_port = 0;

bool is_retired(const Promotion& promotion, const OwnContainer& container) {
  return container.is_web() && !container.serves(promotion.state.placements);
}

/// Port and longest drain of an old container: as its own release had them, else as configured now.
Service settings_of(const Promotion& promotion, const OwnContainer& container) {
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

asio::awaitable<void> drain_one(Promotion& promotion, const OwnContainer& container) {
  const Service settings = settings_of(promotion, container);
  ContainerId id = container.summary.id;
  const auto details = co_await docker_api::find_container(promotion.engine(), std::move(id));
  if (!details || !details->running) co_return;
  const auto deadline = Clock::now() + settings.drain_max;
  std::optional<std::uint64_t> told;
  for (;;) {
    const auto connections = count_connections(details->pid, settings.port);
    if (!connections) {
      promotion.note(
          fmt::format("the connections of {} cannot be counted (its process cannot be looked at from here); "
                      "it is stopped after {} ms",
                      container.summary.name, settings.drain_max.count()));
      co_await pause(settings.drain_max);
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

/// A container that serves must come back after a crash and after a reboot.
asio::awaitable<void> keep_serving_containers_running(Promotion& promotion) {
  const auto kind = co_await promotion.engine().kind();
  if (kind == docker_api::EngineKind::podman) co_return;  // they have had their policy from the beginning
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!container.is_web() || !container.serves(promotion.state.placements)) continue;
    if (container.promotion != promotion.id) continue;  // those of before have their policy already
    ContainerId id = container.summary.id;
    co_await docker_api::update_restart_policy(promotion.engine(), std::move(id),
                                               docker_api::RestartPolicy::unless_stopped);
  }
}

asio::awaitable<void> drain_old_containers(Promotion& promotion) {
  co_await keep_serving_containers_running(promotion);
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (is_retired(promotion, container) && container.is_running()) co_await drain_one(promotion, container);
  }
}

asio::awaitable<void> stop_old_containers(Promotion& promotion) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!is_retired(promotion, container) || !container.is_running()) continue;
    ContainerId id = container.summary.id;
    co_await docker_api::stop_container(promotion.engine(), std::move(id));
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
