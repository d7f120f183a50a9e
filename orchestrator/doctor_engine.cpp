// What doctor finds at the engine.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "docker_api/containers.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/system.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/doctor_findings.hpp"
#include "orchestrator/names.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::ContainerDetails;

asio::awaitable<void> examine_engine_itself(Session session, Findings& findings) {
  const auto info = co_await docker_api::inspect_info(session.engine);
  const auto kind = co_await session.engine.kind();
  const auto version = co_await session.engine.api_version();
  const bool stops = kind != docker_api::EngineKind::podman && !info.live_restore_enabled;
  findings.agrees(
      "engine", fmt::format("it answers, API {}{}", to_string(version),
                            stops ? "; live-restore is off, so a restart of the engine stops all containers: "
                                    "those that serve come back with it, by their restart policy. "
                                    "\"live-restore\": true in daemon.json keeps them running"
                                  : ""));
}

asio::awaitable<void> examine_network(Session session, const EnvironmentState& state, Findings& findings) {
  const std::string name = environment_object_name(session.environment.app, session.environment.name);
  const auto network = co_await docker_api::find_network(session.engine, name);
  const std::string remove = fmt::format("Remove it (docker network rm {}), then --fix makes it again", name);
  if (!network) {
    findings.repairable("network", name + " is not there", "it is made again, and its containers too");
  } else if (!is_own(network->labels, session.environment)) {
    findings.differs("network", name + " is not ours", remove);
  } else if (network->subnets != std::vector<std::string>{state.subnet}) {
    findings.differs(
        "network",
        fmt::format("{} has subnet {} instead of {}", name, fmt::join(network->subnets, ", "), state.subnet),
        remove);
  } else {
    findings.agrees("network", fmt::format("{}, {}", name, state.subnet));
  }
}

/// Podman's containers have their policy for life.
asio::awaitable<bool> has_policies(docker_api::Engine& engine) {
  const auto kind = co_await engine.kind();
  co_return kind != docker_api::EngineKind::podman;
}

/// One container that should serve.
struct Expected {
  std::string service;
  std::string name;
  docker_api::ImageId image;
  std::string address;
  bool must_return = false;  ///< with the engine, by its restart policy
};

std::vector<Expected> list_expected(const Environment& environment, const Truth& truth, bool has_policies) {
  std::vector<Expected> expected;
  for (const auto& [service, placement] : truth.state.placements) {
    const ReleaseService* const entry = truth.current ? truth.current->find_service(service) : nullptr;
    const auto group = truth.state.address_groups.find(service);
    const auto name = Name::parse(service);
    if (entry == nullptr || !name || group == truth.state.address_groups.end()) continue;
    for (int replica = 1; replica <= entry->service.replicas; ++replica) {
      expected.push_back({service,
                          container_name(environment.app, environment.name, *name, placement.slot,
                                         placement.origin, replica),
                          entry->image,
                          slot_address(truth.state.subnet, group->second, placement.slot, replica),
                          has_policies});
    }
  }
  for (const Service& service : environment.services) {
    if (service.kind != ServiceKind::accessory) continue;
    const auto image = truth.state.accessories.find(service.name.text());
    const auto group = truth.state.address_groups.find(service.name.text());
    expected.push_back({service.name.text(), accessory_name(environment.app, environment.name, service.name),
                        image == truth.state.accessories.end() ? docker_api::ImageId() : image->second.image,
                        group == truth.state.address_groups.end()
                            ? std::string()
                            : accessory_address(truth.state.subnet, group->second)});
  }
  return expected;
}

/// What is wrong with the container; empty if it is as the journal says.
std::string find_difference(const Expected& expected, const std::optional<ContainerDetails>& found) {
  if (!found) return "is not there";
  if (!found->running) return fmt::format("is {} (exit code {})", found->state, found->exit_code);
  if (found->state == "paused") return "is paused";
  if (!expected.image.empty() && found->image != expected.image)
    return fmt::format("runs image {} instead of {}", found->image.value, expected.image.value);
  if (expected.must_return && found->restart_policy != "always")
    return fmt::format("would not come back with the engine: its restart policy is \"{}\"",
                       found->restart_policy);
  const bool elsewhere = !expected.address.empty() && !found->addresses.empty() &&
                         std::none_of(found->addresses.begin(), found->addresses.end(),
                                      [&](const auto& item) { return item.second == expected.address; });
  return elsewhere ? fmt::format("is not at {}, where nginx looks for it", expected.address) : std::string();
}

asio::awaitable<std::set<std::string>> examine_serving(Session session, const Truth& truth,
                                                       Findings& findings) {
  std::vector<std::string> faults;
  std::set<std::string> names;
  const bool policies = co_await has_policies(session.engine);
  for (const Expected& expected : list_expected(session.environment, truth, policies)) {
    names.insert(expected.name);
    docker_api::ContainerId id(expected.name);
    const auto found = co_await docker_api::find_container(session.engine, std::move(id));
    const std::string fault = find_difference(expected, found);
    if (!fault.empty()) faults.push_back(expected.name + ' ' + fault);
  }
  if (faults.empty()) {
    findings.agrees("containers", names.empty()
                                      ? "none is to serve yet"
                                      : fmt::format("{} as the journal says",
                                                    names.size() == 1 ? "one, running" : "all running,"));
  } else {
    findings.repairable("containers", fmt::format("{}", fmt::join(faults, "; ")),
                        "what stands still is started, what is missing or wrong is made again from its own "
                        "release, and proved before it gets requests");
  }
  co_return names;
}

/// The way back, and what nobody knows any more.
asio::awaitable<void> examine_others(Session session, const Truth& truth, std::set<std::string> expected,
                                     Findings& findings) {
  std::vector<std::string> strange;
  const bool policies = co_await has_policies(session.engine);
  const auto containers = co_await list_own_containers(session.engine, session.environment);
  for (const OwnContainer& container : containers) {
    const bool is_kept =
        container.is_web() && container.serves(truth.state.previous_placements) && !container.is_running();
    if (container.is_web() && !is_kept && !expected.contains(container.summary.name) && !truth.state.open)
      strange.push_back(fmt::format("{} ({})", container.summary.name, container.summary.state));
    if (!is_kept || !policies) continue;
    docker_api::ContainerId id = container.summary.id;
    const auto details = co_await docker_api::find_container(session.engine, std::move(id));
    if (details && !details->restart_policy.empty() && details->restart_policy != "no")
      strange.push_back(container.summary.name + " (would come back with the engine)");
  }
  if (strange.empty()) {
    findings.agrees("other containers", "none but those of the previous release, stopped");
  } else {
    findings.repairable("other containers",
                        fmt::format("not as the journal wants them: {}", fmt::join(strange, ", ")),
                        "those that run are stopped, those of no release are removed");
  }
}

asio::awaitable<void> examine_images(Session session, const Truth& truth, Findings& findings) {
  std::vector<std::string> missing;
  for (const auto* release : {&truth.current, &truth.previous}) {
    if (!*release) continue;
    for (const auto& [name, entry] : (*release)->services) {
      const auto image = co_await docker_api::find_image(session.engine, entry.image.value);
      if (!image) missing.push_back(fmt::format("{} of {} ({})", name, (*release)->id, entry.reference));
    }
  }
  if (missing.empty()) {
    findings.agrees("images",
                    truth.current ? "those of the current and the previous release" : "none is needed yet");
  } else {
    findings.repairable("images", fmt::format("not at the engine: {}", fmt::join(missing, ", ")),
                        "they are pulled again, by digest");
  }
}

asio::awaitable<void> examine_all(Session session, const Truth& truth, Findings& findings) {
  co_await examine_engine_itself(session, findings);
  co_await examine_network(session, truth.state, findings);
  auto expected = co_await examine_serving(session, truth, findings);
  co_await examine_others(session, truth, std::move(expected), findings);
  co_await examine_images(session, truth, findings);
}

}  // namespace

asio::awaitable<void> examine_engine(Session session, const Truth& truth, Findings& findings) {
  std::string failed;
  try {
    co_await examine_all(session, truth, findings);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    failed = error.what();
  }
  if (!failed.empty())
    findings.unknown("engine", failed, "Nothing can be said about containers until it answers");
}

}  // namespace halcyon::orchestrator
