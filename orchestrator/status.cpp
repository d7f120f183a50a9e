// Looking without touching: status, releases and logs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "docker_api/containers.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/traffic_faults.hpp"

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

ContainerStatus summarize_container(const ContainerDetails& details) {
  ContainerStatus status;
  status.name = details.name;
  status.state = details.state;
  status.health = docker_api::to_string(details.health);
  status.restarts = details.restart_count;
  for (const auto& [network, address] : details.addresses) status.address = address;
  return status;
}

/// One service as it should be: by the release that serves and, for accessories, by the configuration.
struct ServiceToShow {
  Name name;
  ServiceKind kind = ServiceKind::web;
  int replicas = 0;  ///< none before it has a place
  const Placement* placement = nullptr;
};

/// Those that are configured, in that order, then those that serve although they are no longer configured.
std::vector<ServiceToShow> list_services_to_show(const Environment& environment,
                                                 const EnvironmentState& state, const Release* release) {
  std::vector<ServiceToShow> wanted;
  const auto add = [&](const Name& name, ServiceKind kind) {
    const auto placed = state.placements.find(name.text());
    const ReleaseService* const entry = release == nullptr ? nullptr : release->find_service(name.text());
    ServiceToShow service{.name = name, .kind = kind};
    if (kind == ServiceKind::accessory) service.replicas = 1;
    if (placed != state.placements.end() && entry != nullptr) {
      service.placement = &placed->second;
      service.replicas = entry->service.replicas;
    }
    wanted.push_back(std::move(service));
  };
  for (const Service& service : environment.services) add(service.name, service.kind);
  for (const auto& [service, placement] : state.placements) {
    const auto name = Name::parse(service);
    if (name && environment.find_service(service) == nullptr) add(*name, ServiceKind::web);
  }
  return wanted;
}

std::string name_of(const Environment& environment, const ServiceToShow& wanted, int replica) {
  if (wanted.placement == nullptr) return accessory_name(environment.app, environment.name, wanted.name);
  return container_name(environment.app, environment.name, wanted.name, wanted.placement->slot,
                        wanted.placement->origin, replica);
}

/// Adds a line for every container that should be there and is not.
void add_absent(const Environment& environment, const ServiceToShow& wanted, const std::set<int>& present,
                ServiceStatus& service) {
  for (int replica = 1; replica <= wanted.replicas; ++replica) {
    if (present.contains(replica)) continue;
    take_container(service,
                   {.name = name_of(environment, wanted, replica), .state = "absent", .health = "none"});
  }
}

/// A container in one of these states says nothing until somebody does something about it.
bool stands_still(const std::string& state) {
  return state == "exited" || state == "created" || state == "paused" || state == "dead" ||
         state == "stopped" || state == "absent";
}

/// "has exited with code 137".
std::string describe_stopped(const ContainerStatus& container, std::int64_t exit_code) {
  if (container.state == "exited") return fmt::format("has exited with code {}", exit_code);
  if (container.state == "created") return "was never started";
  return container.state == "absent" ? "is not there" : "is " + container.state;
}

std::string remedy_for(const Session& session, ServiceKind kind, const ContainerStatus& container) {
  const std::string& environment = session.environment.name.text();
  if (container.state == "dead")
    return fmt::format("Remove it (docker rm -f {}) and run halcyon resume {}", container.name, environment);
  if (kind == ServiceKind::web) return fmt::format("Run halcyon resume {} to bring it up", environment);
  return container.state == "paused" ? fmt::format("Run docker unpause {}", container.name)
                                     : fmt::format("Run halcyon install {} to bring it up", environment);
}

/// Who should run and does not, what that means, and what to do.
void tell_stopped(const Session& session, ServiceKind kind, const ContainerStatus& container,
                  std::int64_t exit_code, Status& status) {
  if (!stands_still(container.state)) return;
  if (!status.busy.empty() || !status.interrupted.empty()) return;  // that is told, with what to do
  status.problems.push_back(fmt::format("{} {}{}. {}", container.name, describe_stopped(container, exit_code),
                                        kind == ServiceKind::web ? ": nginx gets no answer from it" : "",
                                        remedy_for(session, kind, container)));
}

asio::awaitable<void> fill_in_service(const Session& session, const ServiceToShow& wanted,
                                      const std::vector<OwnContainer>& containers, ServiceStatus& service,
                                      Status& status) {
  std::optional<std::chrono::sys_time<milliseconds>> oldest;
  std::set<int> present;
  for (const OwnContainer& container : containers) {
    if (container.service != service.name) continue;
    if (container.is_web() && (wanted.placement == nullptr || !(container.placement == *wanted.placement)))
      continue;
    docker_api::ContainerId id = container.summary.id;
    const auto details = co_await docker_api::find_container(session.engine, std::move(id));
    if (!details) continue;
    present.insert(container.replica);
    const auto image = details->labels.find(std::string(k_label_image));
    if (!container.is_web() && image != details->labels.end()) service.image = image->second;
    take_container(service, summarize_container(*details));
    tell_stopped(session, wanted.kind, service.containers.back(), details->exit_code, status);
    if (details->running && details->started_at && (!oldest || *details->started_at < *oldest)) {
      oldest = details->started_at;
    }
  }
  if (oldest) service.since = to_rfc3339(*oldest);
  const std::size_t found = service.containers.size();
  add_absent(session.environment, wanted, present, service);
  for (std::size_t i = found; i < service.containers.size(); ++i)
    tell_stopped(session, wanted.kind, service.containers[i], 0, status);
  if (service.containers.empty()) {
    service.state = "absent";
    service.health = "none";
  }
}

/// The services whose containers are all known to stand still: their silence is no news.
std::set<std::string> find_silent_services(const Status& status) {
  std::set<std::string> silent;
  for (const ServiceStatus& service : status.services) {
    const bool may_answer =
        service.containers.empty() ||
        std::any_of(service.containers.begin(), service.containers.end(),
                    [](const ContainerStatus& container) { return !stands_still(container.state); });
    if (!may_answer) silent.insert(service.name);
  }
  return silent;
}

}  // namespace

asio::awaitable<Status> read_status(Session session) {
  const Environment& environment = session.environment;
  const StateDirectory directory(environment.state_directory);
  Status status;
  status.app = environment.app.text();
  status.environment = environment.name.text();
  const EnvironmentState state = read_state_or_none(environment);
  if (!state.installed) co_return status;
  status.installed = state.installed;
  status.current_release = state.current;
  status.previous_release = state.previous;
  const auto holder = find_lock_holder(directory.lock());
  if (holder) status.busy = to_string(*holder);
  if (state.open && !holder)
    status.interrupted = fmt::format("{} {}", to_string(state.open->kind), state.open->id);
  const auto containers = co_await list_own_containers(session.engine, environment);
  std::optional<Release> release;
  try {
    if (!state.current.empty()) release = directory.read_release(state.current);
  } catch (const Error& error) {
    status.problems.emplace_back(error.what());
  }
  if (!state.previous.empty()) {
    try {
      directory.read_release(state.previous);
    } catch (const Error& error) {
      status.problems.push_back(fmt::format("there is no way back to {}: {}", state.previous, error.what()));
    }
  }
  for (const ServiceToShow& wanted :
       list_services_to_show(environment, state, release ? &*release : nullptr)) {
    ServiceStatus service;
    service.name = wanted.name.text();
    service.kind = to_string(wanted.kind);
    if (wanted.placement != nullptr) service.slot = to_string(wanted.placement->slot);
    const ReleaseService* const entry = release ? release->find_service(service.name) : nullptr;
    const Service* const configured = environment.find_service(service.name);
    if (entry != nullptr) {
      service.image = entry->reference;
      service.digest = entry->digest.value;
    } else if (configured != nullptr) {
      service.image = configured->image.to_string();
    }
    const auto accessory = state.accessories.find(service.name);
    if (accessory != state.accessories.end() && wanted.kind == ServiceKind::accessory)
      service.digest = accessory->second.digest.value;
    co_await fill_in_service(session, wanted, containers, service, status);
    status.services.push_back(std::move(service));
  }
  for (const auto& [name, placement] : state.placements) {
    const Service* const configured = environment.find_service(name);
    if (configured == nullptr || configured->kind != ServiceKind::web)
      status.problems.push_back(
          fmt::format("{} serves and is no web service of the configuration any more: the next "
                      "promotion takes it out of service. Put [service.{}] back if it is to stay",
                      name, name));
  }
  // In the middle of a promotion nginx may be ahead of the journal.
  if (!state.open) {
    const auto faults = co_await find_traffic_faults(session, state, find_silent_services(status));
    status.problems.insert(status.problems.end(), faults.begin(), faults.end());
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
    try {
      for (const auto& [name, entry] : directory.read_release(committed->id).services) {
        summary.images[name] = entry.reference;
        summary.digests[name] = entry.digest.value;
      }
    } catch (const Error& error) {
      summary.problem = error.what();
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace halcyon::orchestrator
