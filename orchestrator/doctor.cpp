#include "orchestrator/doctor.hpp"

#include <fmt/format.h>

#include "orchestrator/doctor_findings.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/steps_image.hpp"
#include "orchestrator/storage_failure.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// A journal that cannot be read is something to be examined; none at all is not. Errors: usage.
void refuse_where_nothing_is(const Environment& environment) {
  if (!StateDirectory(environment.state_directory).exists()) read_state(environment);
}

/// After a failed fsync, and where the disk holds something else than it should, all of it is written anew.
/// Returns what was done, for people; empty if nothing was.
std::string repair_storage(const Session& session) {
  const StateDirectory directory(session.environment.state_directory);
  const EnvironmentLock lock(directory.lock(), "doctor --fix", session.actor);
  if (!find_storage_failure(directory) && find_unsaved_files(directory).empty()) return {};
  return fmt::format("{} files of {} were read from the disk, written anew and read again",
                     rewrite_state(directory), directory.root());
}

/// What resume leaves alone because nothing that serves needs it: the way back, and what is of no use.
asio::awaitable<void> repair_the_rest(Session session, Report& report) {
  OpenEnvironment environment(session, "doctor --fix");
  if (environment.state().open || environment.state().current.empty()) co_return;
  Promotion promotion = standing_promotion(session, environment);
  co_await prune_old_releases(promotion);
  if (!environment.state().previous.empty())
    co_await bring_images_of(promotion, environment.state().previous);
  report.notes.insert(report.notes.end(), promotion.notes.begin(), promotion.notes.end());
}

asio::awaitable<Report> repair_or_throw(Session session) {
  refuse_where_nothing_is(session.environment);
  const std::string rewritten = repair_storage(session);
  Report report = co_await resume(session);
  if (!rewritten.empty()) report.notes.insert(report.notes.begin(), rewritten);
  const bool resumed = report.outcome == Outcome::deployed || report.outcome == Outcome::unchanged;
  if (resumed) co_await repair_the_rest(session, report);
  co_return report;
}

}  // namespace

asio::awaitable<Diagnosis> diagnose(Session session) {
  const Environment& environment = session.environment;
  const StateDirectory directory(environment.state_directory);
  refuse_where_nothing_is(environment);
  Diagnosis diagnosis{.app = environment.app.text(), .environment = environment.name.text()};
  Findings findings;
  const std::optional<Truth> truth = examine_journal(environment, directory, findings);
  if (truth) {
    examine_files(environment, directory, *truth, findings);
    co_await examine_engine(session, *truth, findings);
    co_await examine_nginx(session, *truth, findings);
  }
  diagnosis.findings = findings.take();
  co_return diagnosis;
}

asio::awaitable<Report> repair(Session session) {
  return reported(session, repair_or_throw(session), "repair " + session.environment.name.text());
}

}  // namespace halcyon::orchestrator
