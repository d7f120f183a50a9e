// An environment taken in hand: locked, its journal read, its state folded.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "orchestrator/environment_lock.hpp"
#include "orchestrator/environment_state.hpp"
#include "orchestrator/journal.hpp"
#include "orchestrator/operations.hpp"
#include "orchestrator/promotion.hpp"
#include "orchestrator/state_directory.hpp"

namespace halcyon::orchestrator {

/// Holds the lock as long as it lives. Not movable: promotions refer to its members.
class OpenEnvironment {
 public:
  /// Takes the lock, repairs directories and caches, reads the journal.
  ///
  /// Errors: Error busy, needs_operator (damaged journal, or one that has lost its end); backup::Error.
  OpenEnvironment(const Session& session, const std::string& doing);
  OpenEnvironment(const OpenEnvironment&) = delete;
  OpenEnvironment& operator=(const OpenEnvironment&) = delete;

  const StateDirectory& directory() const noexcept { return directory_; }
  Journal& journal() noexcept { return journal_; }
  EnvironmentState& state() noexcept { return state_; }

  /// Writes BEGIN and returns the promotion, ready to be run. `release`: id of the wanted one; empty for
  /// none.
  ///
  /// Errors: backup::Error no_space before anything was touched.
  Promotion begin(const Session& session, PromotionKind kind, Release release);
  /// The promotion that the journal left open, as far as the journal knows it.
  Promotion reopen(const Session& session);
  /// Ends a committed promotion whose clearing up could not be finished; the next one's does it too.
  void close_unfinished();

 private:
  StateDirectory directory_;
  EnvironmentLock lock_;
  Journal journal_;
  EnvironmentState state_;
};

/// releases.log is a copy that is written after the journal: if it tells of promotion number `told` and the
/// journal does not, the journal has lost its end. Errors: needs_operator.
void refuse_lost_records(const StateDirectory& directory, std::uint64_t told, const EnvironmentState& state);

/// What serves, as a promotion to itself: for repairs. Errors: needs_operator if its record cannot be read.
Promotion standing_promotion(Session session, OpenEnvironment& environment);

/// Finishes or undoes what was interrupted; nothing if nothing was.
boost::asio::awaitable<std::optional<Report>> recover(Session session, OpenEnvironment& environment);

/// The state for those who only look: no lock, no change. Errors: usage if it is not installed;
/// needs_operator.
EnvironmentState read_state(const Environment& environment);
/// The same, and an empty state if it is not installed. Errors: needs_operator.
EnvironmentState read_state_or_none(const Environment& environment);

/// Fills in what serves, with a note if its record cannot be read: a promotion is the way out then.
void note_current(Promotion& promotion);

/// Before an install: whatever carries our labels must be known to the journal, or it is another's.
///
/// Errors: Error usage that names the containers; docker_api::Error.
boost::asio::awaitable<void> refuse_unknown_containers(Session session, const EnvironmentState& state);

/// The release that `wanted` means: an id, a tag or a digest. Of the releases with that tag, the newest of
/// which all services have it, else the newest one that does not serve now. Nothing if none has it.
std::optional<std::string> find_release(const StateDirectory& directory, const EnvironmentState& state,
                                        const std::string& wanted);

/// The release that a rollback means: the one asked for, else the previous one.
///
/// Errors: Error usage if there is none, or if the configuration no longer has one of its services;
/// needs_operator if its record cannot be read.
Release read_rollback_release(const Environment& environment, const StateDirectory& directory,
                              const EnvironmentState& state, const RollbackRequest& request);

/// A report for what ended before a promotion began: with what serves, if the journal can be read.
Report report_failure(const std::exception_ptr& error, std::string_view attempt,
                      const Environment& environment);

/// The one way in which an operation's exceptions become a report; `attempt` as in report_failure().
boost::asio::awaitable<Report> reported(Session session, boost::asio::awaitable<Report> operation,
                                        std::string attempt);

/// Every service that was named must exist and be one that a release brings. Errors: usage.
void check_requested_services(const Environment& environment, const PromoteRequest& request);

/// "halcyon install production TAG".
std::string install_hint(const Environment& environment);

}  // namespace halcyon::orchestrator
