// One promotion as it runs: what its steps share, and the loop that takes them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "docker_api/containers.hpp"
#include "orchestrator/environment_state.hpp"
#include "orchestrator/failure.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/nginx_control.hpp"
#include "orchestrator/operations.hpp"
#include "orchestrator/release.hpp"
#include "orchestrator/state_directory.hpp"

namespace halcyon::orchestrator {

/// What all steps of a promotion read and write. `release` and `target` are filled by resolve and pull.
struct Promotion {
  Session session;
  const StateDirectory& directory;
  Journal* journal;  ///< null in a dry run: nothing is written then
  EnvironmentState& state;

  std::string id;     ///< "p12"
  std::string label;  ///< of what it makes; no other promotion has had it, whatever became of the journal
  PromotionKind kind = PromotionKind::promote;
  std::map<std::string, std::string> images;  ///< asked for: service, or "" for the rest -> tag or digest
  Release release;                 ///< the wanted one; no services if only the environment is prepared
  std::optional<Release> current;  ///< what serves now
  std::map<std::string, EnvironmentValues> values;  ///< of the wanted release, by service
  Placements target;                                ///< of the wanted release
  AccessoryImages accessories;                      ///< that were made by this promotion
  std::set<std::string> broken;      ///< services that should serve and do not: see find_broken_services
  std::optional<Marks> found_marks;  ///< of one that was interrupted: as far as its journal knows
  bool nothing_to_do = false;        ///< found out by pull: the wanted release serves already
  std::vector<std::string> notes;

  const Environment& environment() const noexcept { return session.environment; }
  docker_api::Engine& engine() const noexcept { return session.engine; }

  /// Where a service runs now; null if it does not.
  const Placement* find_current(const std::string& service) const;
  /// True if this promotion gives the service new containers, or puts those of before in order.
  bool replaces(const std::string& service) const;
  /// Container names of one service in one place.
  std::vector<std::string> container_names(const std::string& service, const Placement& placement,
                                           int replicas) const;
  /// The group of addresses a service has; allocated in the journal on first use.
  int address_group(const std::string& service);

  /// What the engine is to show to the registry of `reference`. Errors: docker_api::Error if a credential
  /// helper fails.
  boost::asio::awaitable<std::optional<docker_api::RegistryCredentials>> find_credentials(
      docker_api::ImageReference reference);

  void tell(const Event& event) const { session.events.on_event(event); }
  void note(std::string text);
};

/// Runs the promotion that is open in the journal to its end, forward or back.
///
/// `direction`: forward for one that has just begun, back for one found unfinished before COMMIT.
/// Errors: none but programming errors; every failure is in the report.
boost::asio::awaitable<Report> run_promotion(Promotion& promotion, Direction direction);

/// What the state says serves, for reports.
std::vector<ServiceReport> report_services(const StateDirectory& directory, const EnvironmentState& state);

}  // namespace halcyon::orchestrator
