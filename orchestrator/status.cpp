// Looking without touching: status, releases and logs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "docker_api/containers.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"

#include <fmt/chrono.h>

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::ContainerDetails;

std::string to_rfc3339(std::chrono::sys_time<milliseconds> time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                     (time - whole).count());
}

/// The one word for a service: "running" if all its containers run, else the worst one's.
void take_container(ServiceStatus& service, const ContainerStatus& container) {
  if (service.state.empty() || service.state == "running") service.state = container.state;
  static const std::vector<std::string> k_from_bad_to_good{"unhealthy", "starting", "none", "healthy"};
  const auto rank = [&](const std::string& word) {
    return std::find(k_from_bad_to_good.begin(), k_from_bad_to_good.end(), word);
  };
  if (service.health.empty() || rank(container.health) < rank(service.health))
    service.health = container.health;
  service.containers.push_back(container);
}

ContainerStatus describe_container(const ContainerDetails& details) {
  ContainerStatus status;
  status.name = details.name;
  status.state = details.state;
  status.health = docker_api::to_string(details.health);
  status.restarts = details.restart_count;
  for (const auto& [network, address] : details.addresses) status.address = address;
  return status;
}

asio::awaitable<void> fill_in_service(docker_api::Engine& engine, ServiceStatus& service,
                                      const std::vector<OwnContainer>& containers,
                                      const Placement* placement) {
  std::optional<std::chrono::sys_time<milliseconds>> oldest;
  for (const OwnContainer& container : containers) {
    if (container.service != service.name) continue;
    if (container.is_web() && (placement == nullptr || !(container.placement == *placement))) continue;
    docker_api::ContainerId id = container.summary.id;
    const auto details = co_await docker_api::find_container(engine, std::move(id));
    if (!details) continue;
    take_container(service, describe_container(*details));
    if (details->running && details->started_at && (!oldest || *details->started_at < *oldest)) {
      oldest = details->started_at;
    }
  }
  if (oldest) service.since = to_rfc3339(*oldest);
  if (service.containers.empty()) {
    service.state = "absent";
    service.health = "none";
  }
}

}  // namespace

asio::awaitable<Status> read_status(Session session) {
  const Environment& environment = session.environment;
  const StateDirectory directory(environment.state_directory);
  Status status;
  status.app = environment.app.text();
  status.environment = environment.name.text();
  status.installed = directory.exists();
  if (!status.installed) co_return status;
  const EnvironmentState state = read_state(environment);
  status.current_release = state.current;
  status.previous_release = state.previous;
  const auto holder = find_lock_holder(directory.lock());
  if (holder) status.busy = to_string(*holder);
  if (state.open && !holder)
    status.interrupted = fmt::format("{} {}", to_string(state.open->kind), state.open->id);
  const auto containers = co_await list_own_containers(session.engine, environment);
  std::optional<Release> release;
  if (!state.current.empty()) release = directory.read_release(state.current);
  for (const Service& configured : environment.services) {
    ServiceStatus service;
    service.name = configured.name.text();
    service.kind = to_string(configured.kind);
    const auto placement = state.placements.find(service.name);
    const bool placed = placement != state.placements.end();
    if (placed) service.slot = to_string(placement->second.slot);
    const ReleaseService* const entry = release ? release->find_service(service.name) : nullptr;
    service.image = entry != nullptr ? entry->reference : configured.image.to_string();
    if (entry != nullptr) service.digest = entry->digest.value;
    co_await fill_in_service(session.engine, service, containers, placed ? &placement->second : nullptr);
    status.services.push_back(std::move(service));
  }
  co_return status;
}

std::vector<ReleaseSummary> list_releases(const Environment& environment) {
  const StateDirectory directory(environment.state_directory);
  const EnvironmentState state = read_state(environment);
  std::vector<ReleaseSummary> summaries;
  for (auto committed = state.releases.rbegin(); committed != state.releases.rend(); ++committed) {
    ReleaseSummary summary;
    summary.id = committed->id;
    summary.created_at = committed->committed_at;
    summary.actor = committed->actor;
    summary.current = committed->id == state.current;
    summary.previous = committed->id == state.previous;
    for (const auto& [name, entry] : directory.read_release(committed->id).services) {
      summary.images[name] = entry.reference;
      summary.digests[name] = entry.digest.value;
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace halcyon::orchestrator
