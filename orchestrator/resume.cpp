// resume: finish or undo what was interrupted, then make flags, containers and nginx agree with the journal.
#include <fmt/format.h>

#include <utility>

#include "docker_api/container_control.hpp"
#include "docker_api/error.hpp"
#include "orchestrator/container_names.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/steps_image.hpp"
#include "orchestrator/storage_failure.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// Stands where a promotion's number would, in the labels of what a repair creates.
constexpr const char* k_repair = "repair";

/// "had exited": what a container was found to have done instead of serving.
std::string had_done(const std::string& state) {
  return state == "exited" ? "had exited" : state == "created" ? "had not been started" : "was " + state;
}

/// Starts the containers that the journal says serve and that do not run, and says which.
asio::awaitable<void> start_serving_containers(Promotion& promotion) {
  const auto containers = co_await list_own_containers(promotion.engine(), promotion.environment());
  for (const OwnContainer& container : containers) {
    if (!container.is_web() || !container.serves(promotion.state.placements) ||
        container.summary.state == "running" || container.summary.state == "restarting")
      continue;
    docker_api::ContainerId id = container.summary.id;
    const bool is_paused = container.summary.state == "paused";
    if (is_paused) {
      co_await docker_api::unpause_container(promotion.engine(), std::move(id));
    } else {
      co_await docker_api::start_container(promotion.engine(), std::move(id));
    }
    promotion.note(fmt::format("{} serves {} but {}; it was {}", container.summary.name, container.service,
                               had_done(container.summary.state), is_paused ? "continued" : "started"));
  }
}

/// Makes again, from the release's own record, what somebody has removed, and proves it before it gets
/// requests.
asio::awaitable<void> recreate_missing_containers(Promotion& promotion) {
  promotion.broken = co_await find_broken_services(promotion);
  if (promotion.broken.empty()) co_return;
  for (const std::string& service : promotion.broken) {
    co_await bring_pinned_image(promotion, service);
    promotion.values[service] = promotion.directory.read_environment_values(promotion.release.id, service);
    promotion.note(fmt::format("{} should serve from slot {} and does not; its containers are made again",
                               service, to_string(promotion.target.at(service).slot)));
  }
  co_await prepare_environment(promotion);
  co_await create_containers(promotion);
  co_await start_containers(promotion);
  co_await pass_gates(promotion);
  co_await keep_serving_containers_running(promotion);
}

void repair_flags(Promotion& promotion) {
  if (promotion.environment().nginx.switch_way == SwitchWay::reload) return;
  for (const auto& [service, placement] : promotion.state.placements) {
    if (promotion.directory.read_flag(service) == placement.slot) continue;
    promotion.directory.write_flag(service, placement.slot);
    promotion.note(fmt::format("the flag of {} did not say {}, as the journal does; it was put right",
                               service, to_string(placement.slot)));
  }
}

/// Outside of any promotion: everything is repaired from what the journal says serves.
asio::awaitable<void> agree_with_journal(Promotion& promotion) {
  co_await give_names_back(promotion);
  co_await start_serving_containers(promotion);
  co_await recreate_missing_containers(promotion);
  repair_flags(promotion);
  const Verdict declared = co_await nginx_has_declaration(promotion);
  if (declared != Verdict::holds) {
    co_await declare_to_nginx(promotion);
    promotion.note("nginx was not as we declare it; it is now");
  }
  co_await confirm_through_nginx(promotion);
  forget_replaced_declaration(promotion);
  co_await stop_new_containers(promotion);
  // Whoever comes back with the engine is decided by the policies: what serves, and nothing else.
  co_await keep_serving_containers_running(promotion);
  co_await stop_old_containers(promotion);
}

/// What stopped agree_with_journal; nothing if it came to its end.
asio::awaitable<std::exception_ptr> repair(Promotion& promotion) {
  try {
    co_await agree_with_journal(promotion);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

/// A report of a repair that failed. What recovery did before it holds, and so does what the journal says
/// serves.
Report as_failed(Report report, const Environment& environment, bool recovered,
                 const std::exception_ptr& failed) {
  const std::string done =
      !recovered ? ""
      : report.outcome == Outcome::deployed
          ? fmt::format("{} was interrupted after COMMIT and has been finished. ", report.promotion)
          : fmt::format("{} was interrupted before COMMIT and has been undone. ", report.promotion);
  const Failure failure =
      describe(failed, fmt::format("make everything agree with release {}", report.release));
  // "aborted" would say that something was undone: nothing was, and somebody must look.
  report.outcome = failure.outcome == Outcome::unreachable ? failure.outcome : Outcome::needs_operator;
  report.text = done + failure.text;
  if (failure.storage) report.text += ". " + remember_storage_failure(environment, failure);
  return report;
}

/// What serves must be in the configuration: nginx is declared from that, and a service that is not there
/// would lose its route, however well its containers run.
///
/// Errors: Error usage.
void require_configured(const Environment& environment, const EnvironmentState& state) {
  for (const auto& [name, placement] : state.placements) {
    const Service* const service = environment.find_service(name);
    if (service != nullptr && service->kind == ServiceKind::web) continue;
    throw Error(
        Outcome::usage,
        fmt::format(
            "cannot resume {}: {} serves there and is no web service of the configuration any more, so "
            "its route would be taken away. Put [service.{}] back, or promote without it: that takes "
            "it out of service in order",
            environment.name.text(), name, name));
  }
}

asio::awaitable<Report> resume_or_throw(Session session) {
  read_state(session.environment);
  co_await session.engine.api_version();
  OpenEnvironment environment(session, "resume");
  auto recovered = co_await recover(session, environment);
  if (environment.state().open) co_return std::move(*recovered);
  Report report = recovered.value_or(Report{});
  report.release = environment.state().current;
  report.previous_release = environment.state().previous;
  if (!environment.state().current.empty()) {
    require_configured(session.environment, environment.state());
    Promotion promotion = standing_promotion(session, environment);
    const auto failed = co_await repair(promotion);
    report.notes.insert(report.notes.end(), promotion.notes.begin(), promotion.notes.end());
    report.services = report_services(environment.directory(), environment.state());
    if (failed) co_return as_failed(std::move(report), session.environment, recovered.has_value(), failed);
  }
  const bool finished = recovered && recovered->outcome == Outcome::deployed;
  report.outcome = finished ? Outcome::deployed : Outcome::unchanged;
  const std::string serves = report.release.empty() ? "no release serves yet" : report.release + " serves";
  if (finished) {
    report.text.clear();
  } else if (recovered) {
    report.text =
        fmt::format("{} was interrupted before COMMIT and has been undone; {}", recovered->promotion, serves);
  } else {
    report.text = fmt::format("nothing was interrupted; {}{}", serves,
                              report.notes.empty() ? "" : ", after some repairs (see the notes)");
  }
  co_return report;
}

}  // namespace

Promotion standing_promotion(Session session, OpenEnvironment& environment) {
  Promotion promotion{.session = session,
                      .directory = environment.directory(),
                      .journal = &environment.journal(),
                      .state = environment.state()};
  promotion.id = promotion.label = k_repair;
  promotion.release = environment.directory().read_release(environment.state().current);
  promotion.current = promotion.release;
  promotion.target = environment.state().placements;
  return promotion;
}

asio::awaitable<Report> resume(Session session) {
  return reported(session, resume_or_throw(session), "resume " + session.environment.name.text());
}

}  // namespace halcyon::orchestrator
