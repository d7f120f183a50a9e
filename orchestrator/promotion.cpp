#include "orchestrator/promotion.hpp"

#include <utility>

#include "orchestrator/address_plan.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {

const Placement* Promotion::find_current(const std::string& service) const {
  const auto found = state.placements.find(service);
  return found == state.placements.end() ? nullptr : &found->second;
}

bool Promotion::replaces(const std::string& service) const {
  const auto wanted = target.find(service);
  if (wanted == target.end()) return false;
  const Placement* const now = find_current(service);
  return now == nullptr || !(*now == wanted->second) || broken.contains(service);
}

std::vector<std::string> Promotion::container_names(const std::string& service, const Placement& placement,
                                                    int replicas) const {
  std::vector<std::string> names;
  const auto name = Name::parse(service);
  for (int replica = 1; name && replica <= replicas; ++replica) {
    names.push_back(container_name(environment().app, environment().name, *name, placement.slot,
                                   placement.origin, replica));
  }
  return names;
}

int Promotion::address_group(const std::string& service) {
  const auto found = state.address_groups.find(service);
  if (found != state.address_groups.end()) return found->second;
  const int group = static_cast<int>(state.address_groups.size());
  if (group >= k_address_groups) {
    throw Error(Outcome::aborted,
                "cannot give service " + service + " an address: this environment has had " +
                    std::to_string(k_address_groups) +
                    " services already, and a place is never given to another. Install a new "
                    "environment");
  }
  if (journal != nullptr) {
    fold(state, journal->append(RecordType::allocate, allocate_body(service, group)));
  } else {
    state.address_groups[service] = group;
  }
  return group;
}

boost::asio::awaitable<std::optional<docker_api::RegistryCredentials>> Promotion::find_credentials(
    docker_api::ImageReference reference) {
  if (!session.find_credentials) co_return std::nullopt;
  co_return co_await session.find_credentials(reference.registry());
}

void Promotion::note(std::string text) {
  tell({.kind = EventKind::note, .text = text});
  notes.push_back(std::move(text));
}

std::vector<ServiceReport> report_services(const StateDirectory& directory, const EnvironmentState& state) {
  std::vector<ServiceReport> reports;
  if (state.current.empty()) return reports;
  const Release release = directory.read_release(state.current);
  for (const auto& [name, entry] : release.services) {
    ServiceReport report;
    report.name = name;
    const auto placement = state.placements.find(name);
    if (placement != state.placements.end()) report.slot = to_string(placement->second.slot);
    report.image = entry.reference;
    report.digest = entry.digest.value;
    report.image_id = entry.image.value;
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace halcyon::orchestrator
