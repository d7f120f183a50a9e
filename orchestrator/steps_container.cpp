// create, start and gate: the new half of the pair, beside the old one.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/container_spec.hpp"
#include "orchestrator/http_gate.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/refused_start.hpp"
#include "orchestrator/socket_count.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::ContainerDetails;
using docker_api::ContainerId;

// Going back must come to its end (k_undo_deadline): whoever is still connected to a release that failed, or
// that somebody has given up, is waited for this long, all containers together.
constexpr milliseconds k_longest_drain_when_going_back{60'000};
constexpr seconds k_longest_stop_when_going_back{10};

/// One container of the wanted release.
struct WantedContainer {
  std::string service;
  int replica = 1;
  ContainerId name;
};

std::vector<WantedContainer> list_wanted_containers(const Promotion& promotion) {
  std::vector<WantedContainer> wanted;
  for (const auto& [service, placement] : promotion.target) {
    if (!promotion.replaces(service)) continue;
    const int replicas = promotion.release.services.at(service).service.replicas;
    int replica = 0;
    for (const std::string& name : promotion.container_names(service, placement, replicas)) {
      wanted.push_back({service, ++replica, ContainerId(name)});
    }
  }
  return wanted;
}

/// False if it runs and is connected elsewhere: somebody has disconnected it, and nginx cannot reach it.
bool is_at_its_address(const ContainerDetails& container, const docker_api::ContainerSpec& spec) {
  const auto& addresses = container.addresses;
  return !container.running || addresses.empty() ||
         std::any_of(addresses.begin(), addresses.end(),
                     [&](const auto& item) { return item.second == spec.network->ipv4; });
}

/// True if the container is what create_containers would make: from the same image, at the same address. An
/// engine that does not tell the address it was asked for (Podman) is believed; the gate asks that very
/// address.
bool is_as_wanted(const ContainerDetails& container, const docker_api::ContainerSpec& spec) {
  const auto fixed = container.fixed_addresses.find(spec.network->network);
  const bool was_made_for_it =
      fixed == container.fixed_addresses.end() || fixed->second == spec.network->ipv4;
  return container.image.value == spec.image && was_made_for_it && is_at_its_address(container, spec);
}

/// The name is taken: by our own earlier work, by a kept container of before, or by a stranger.
asio::awaitable<void> meet_existing(Promotion& promotion, const WantedContainer& wanted,
                                    ContainerDetails existing, docker_api::ContainerSpec spec) {
  if (!is_own(existing.labels, promotion.environment())) {
    throw Error(Outcome::aborted,
                fmt::format("cannot create container {}: a container of that name exists and is not "
                            "ours (id {:.12}). Rename or remove it (docker rename {} ...), then try "
                            "again",
                            wanted.name.value, existing.id.value, wanted.name.value));
  }
  if (is_as_wanted(existing, spec)) co_return;
  const bool is_cut_off = existing.image.value == spec.image && !is_at_its_address(existing, spec);
  if (existing.running && !is_cut_off) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot create container {}: one of that name runs, is ours, but "
                            "is made from {}. Look at it, then docker rm -f {}",
                            wanted.name.value, existing.image.value, wanted.name.value));
  }
  ContainerId id = existing.id;
  co_await docker_api::remove_container(promotion.engine(), std::move(id), {.force = is_cut_off});
  co_await create_at_its_address(promotion.engine(), std::move(spec));
}

asio::awaitable<void> create_one(Promotion& promotion, const WantedContainer& wanted) {
  auto spec = make_web_spec(promotion, wanted.service, wanted.replica);
  const auto kind = co_await promotion.engine().kind();
  // Podman cannot give a container another restart policy later.
  if (kind == docker_api::EngineKind::podman) spec.restart_policy = docker_api::RestartPolicy::unless_stopped;
  std::exception_ptr refused;
  try {
    const auto created = co_await create_at_its_address(promotion.engine(), spec);
    for (const std::string& warning : created.warnings) promotion.note(wanted.name.value + ": " + warning);
  } catch (const docker_api::Error&) {
    refused = std::current_exception();
  }
  if (!refused) co_return;
  // Whether the name is taken is asked, not read from the answer: Docker says 409, Podman 500.
  const auto existing = co_await docker_api::find_container(promotion.engine(), wanted.name);
  if (!existing) std::rethrow_exception(refused);
  co_await meet_existing(promotion, wanted, *existing, std::move(spec));
}

/// Waits until nobody is connected any more.
asio::awaitable<void> wait_until_unused(Promotion& promotion, ContainerId id, std::uint16_t port,
                                        std::chrono::steady_clock::time_point deadline) {
  const auto container = co_await docker_api::find_container(promotion.engine(), std::move(id));
  while (container && count_connections(container->pid, port).value_or(0) > 0 &&
         std::chrono::steady_clock::now() < deadline) {
    co_await pause(milliseconds(20));
  }
}

/// Whatever runs of this environment's web services, neither serves nor is spared, is stopped; requests that
/// the switch may have brought there are waited for. Needs nothing but labels and the journal. True if any
/// ran.
///
/// Whether one runs is asked of itself: the list tells of a container that is being started, as a process
/// that has died since had asked, that it does not run; inspecting it waits until it does.
asio::awaitable<bool> stop_others(Promotion& promotion, std::vector<WantedContainer> spared) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  const auto began = std::chrono::steady_clock::now();
  bool has_stopped = false;
  for (const OwnContainer& container : containers) {
    const bool is_spared = std::any_of(spared.begin(), spared.end(), [&](const WantedContainer& wanted) {
      return wanted.name.value == container.summary.name;
    });
    if (!container.is_web() || is_spared || container.serves(promotion.state.placements)) continue;
    ContainerId id = container.summary.id;
    const auto details = co_await docker_api::find_container(promotion.engine(), id);
    if (!container.is_running() && !(details && details->running)) continue;
    const Service settings = find_settings(promotion, container);
    co_await wait_until_unused(promotion, id, settings.port,
                               began + std::min(settings.drain_max, k_longest_drain_when_going_back));
    co_await docker_api::stop_container(promotion.engine(), std::move(id),
                                        std::min(settings.stop_timeout, k_longest_stop_when_going_back));
    has_stopped = true;
  }
  co_return has_stopped;
}

GateTarget make_gate_target(Promotion& promotion, const WantedContainer& wanted, const ContainerId& id) {
  const Service& service = promotion.release.services.at(wanted.service).service;
  const Placement& placement = promotion.target.at(wanted.service);
  GateTarget target;
  target.container = id;
  target.container_name = wanted.name.value;
  target.address = slot_address(promotion.state.subnet, promotion.address_group(wanted.service),
                                placement.slot, wanted.replica);
  target.port = service.port;
  target.gate = service.gate;
  const std::string& domain = promotion.environment().domain;
  target.host = service.gate.host.empty() ? domain.substr(0, domain.find(' ')) : service.gate.host;
  target.release = placement.origin;
  return target;
}

}  // namespace

asio::awaitable<void> create_containers(Promotion& promotion) {
  for (const WantedContainer& wanted : list_wanted_containers(promotion))
    co_await create_one(promotion, wanted);
}

asio::awaitable<Verdict> containers_exist(Promotion& promotion) {
  for (const WantedContainer& wanted : list_wanted_containers(promotion)) {
    ContainerId name = wanted.name;
    const auto container = co_await docker_api::find_container(promotion.engine(), std::move(name));
    const auto spec = make_web_spec(promotion, wanted.service, wanted.replica);
    if (!container || !is_own(container->labels, promotion.environment()) ||
        !is_as_wanted(*container, spec)) {
      co_return Verdict::does_not_hold;
    }
  }
  co_return Verdict::holds;
}

/// Needs nothing but labels, so that it also cleans up after a process that was killed.
asio::awaitable<void> remove_new_containers(Promotion& promotion) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!container.is_web() || container.promotion != promotion.label) continue;
    if (container.serves(promotion.state.placements)) continue;
    ContainerId id = container.summary.id;
    const docker_api::RemoveOptions options{.force = true, .anonymous_volumes = true};
    co_await docker_api::remove_container(promotion.engine(), std::move(id), options);
  }
}

asio::awaitable<void> start_containers(Promotion& promotion) {
  const auto wanted_containers = list_wanted_containers(promotion);
  for (const WantedContainer& wanted : wanted_containers) {
    std::exception_ptr refused;
    try {
      co_await start_or_explain(promotion.engine(), wanted.name, wanted.service);
    } catch (const Error&) {
      refused = std::current_exception();
    }
    if (!refused) continue;
    // Its address may be held by one of ours that an interrupted promotion had asked the engine to start, and
    // that has come up only now.
    if (!co_await stop_others(promotion, wanted_containers)) std::rethrow_exception(refused);
    co_await start_or_explain(promotion.engine(), wanted.name, wanted.service);
  }
}

asio::awaitable<Verdict> containers_run(Promotion& promotion) {
  for (const WantedContainer& wanted : list_wanted_containers(promotion)) {
    ContainerId name = wanted.name;
    const auto container = co_await docker_api::find_container(promotion.engine(), std::move(name));
    if (!container) co_return Verdict::does_not_hold;
    // One that has come and gone is the gate's to judge: it shows the exit code and the log.
    if (!container->started_at) co_return Verdict::does_not_hold;
  }
  co_return Verdict::holds;
}

asio::awaitable<void> stop_new_containers(Promotion& promotion) { co_await stop_others(promotion, {}); }

asio::awaitable<void> pass_gates(Promotion& promotion) {
  for (const WantedContainer& wanted : list_wanted_containers(promotion)) {
    ContainerId name = wanted.name;
    const auto container = co_await docker_api::inspect_container(promotion.engine(), std::move(name));
    GateTarget target = make_gate_target(promotion, wanted, container.id);
    if (promotion.broken.contains(wanted.service)) target.restarts = container.restart_count;
    const Promotion* const told = &promotion;
    const auto needed = static_cast<std::uint64_t>(target.gate.successes);
    GateProgress progress = [told, wanted, needed](int successes, const std::string& refusal) {
      told->tell({.kind = EventKind::progress,
                  .step = "gate",
                  .service = wanted.service,
                  .text = refusal.empty() ? "holds" : refusal,
                  .current = static_cast<std::uint64_t>(successes),
                  .total = needed});
    };
    co_await wait_for_gate(promotion.engine(), std::move(target), std::move(progress));
  }
}

}  // namespace halcyon::orchestrator
