// install, promote and rollback: which release is wanted, and the promotion that brings it about.
#include "orchestrator/operations.hpp"

#include <fmt/format.h>

#include <utility>

#include "orchestrator/environment_subnet.hpp"
#include "orchestrator/open_environment.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

/// "promote web=sha-1", for the lock file and messages.
std::string describe_request(std::string_view verb, const PromoteRequest& request) {
  std::string text(verb);
  for (const auto& [service, image] : request.images)
    text += service.empty() ? fmt::format(" {}", image) : fmt::format(" {}={}", service, image);
  return text;
}

/// Gives the environment a subnet. One that was chosen is kept once a network stands on it; until then it is
/// chosen again if somebody else has taken it meanwhile.
asio::awaitable<void> ensure_installed(Session session, OpenEnvironment& environment) {
  co_await refuse_unknown_containers(session, environment.state());
  const std::string subnet = co_await find_subnet(session, environment.state());
  if (environment.state().installed && subnet == environment.state().subnet) co_return;
  fold(environment.state(), environment.journal().append(RecordType::environment, environment_body(subnet)));
  environment.journal().sync();
}

Release new_release(const EnvironmentState& state, const std::string& actor) {
  Release release;
  release.id = fmt::format("r{}", state.next_release);
  release.created_at = timestamp_now();
  release.actor = actor;
  return release;
}

asio::awaitable<Report> run_new(Session session, OpenEnvironment& environment, PromotionKind kind,
                                Release release, PromoteRequest request) {
  Promotion promotion = environment.begin(session, kind, std::move(release));
  promotion.images = std::move(request.images);
  Report report = co_await run_promotion(promotion, Direction::forward);
  co_return report;
}

/// Recovery first: what was interrupted must not stand in the way. A report only if that failed.
asio::awaitable<std::optional<Report>> recover_first(Session session, OpenEnvironment& environment) {
  auto recovered = co_await recover(session, environment);
  const auto& open = environment.state().open;
  if (!open) co_return std::nullopt;
  if (!open->committed) co_return recovered;
  // It serves; only the clearing up behind it could not be done, and that is done by labels in every
  // promotion.
  environment.close_unfinished();
  co_return std::nullopt;
}

asio::awaitable<Report> install_or_throw(Session session, PromoteRequest request) {
  check_requested_services(session.environment, request);
  co_await session.engine.api_version();  // before any directory is made
  OpenEnvironment environment(session, describe_request("install", request));
  if (auto stopped = co_await recover_first(session, environment)) co_return std::move(*stopped);
  co_await ensure_installed(session, environment);
  Release release;
  if (!request.images.empty()) release = new_release(environment.state(), session.actor);
  Report report =
      co_await run_new(session, environment, PromotionKind::install, std::move(release), std::move(request));
  co_return report;
}

asio::awaitable<Report> promote_or_throw(Session session, PromoteRequest request) {
  check_requested_services(session.environment, request);
  if (request.images.empty()) throw Error(Outcome::usage, "cannot promote: no tag or digest is given");
  read_state(session.environment);  // says so if it is not installed, before a directory is made
  OpenEnvironment environment(session, describe_request("promote", request));
  if (auto stopped = co_await recover_first(session, environment)) co_return std::move(*stopped);
  Release release = new_release(environment.state(), session.actor);
  Report report =
      co_await run_new(session, environment, PromotionKind::promote, std::move(release), std::move(request));
  co_return report;
}

asio::awaitable<Report> rollback_or_throw(Session session, RollbackRequest request) {
  read_state(session.environment);
  OpenEnvironment environment(session, request.to.empty() ? "rollback" : "rollback to " + request.to);
  if (auto stopped = co_await recover_first(session, environment)) co_return std::move(*stopped);
  Release release =
      read_rollback_release(session.environment, environment.directory(), environment.state(), request);
  Report report = co_await run_new(session, environment, PromotionKind::rollback, std::move(release), {});
  co_return report;
}

}  // namespace

void check_requested_services(const Environment& environment, const PromoteRequest& request) {
  for (const auto& [name, image] : request.images) {
    if (name.empty()) continue;
    const Service* const service = environment.find_service(name);
    if (service == nullptr || service->kind != ServiceKind::web) {
      throw Error(Outcome::usage,
                  fmt::format("cannot promote {}={}: {}", name, image,
                              service == nullptr ? "the configuration has no service of that name; it has " +
                                                       environment.list_services()
                                                 : "it is an accessory and not part of a release"));
    }
  }
}

Release read_rollback_release(const Environment& environment, const StateDirectory& directory,
                              const EnvironmentState& state, const RollbackRequest& request) {
  const auto id =
      request.to.empty() ? std::optional(state.previous) : find_release(directory, state, request.to);
  if (!id || id->empty()) {
    throw Error(
        Outcome::usage,
        request.to.empty()
            ? "cannot roll back: there is no previous release yet"
            : fmt::format(
                  "cannot roll back to {}: no release has that id, tag or digest; halcyon releases {} "
                  "lists them",
                  request.to, environment.name.text()));
  }
  Release release = directory.read_release(*id);
  for (const auto& [name, entry] : release.services) {
    const Service* const service = environment.find_service(name);
    if (service != nullptr && service->kind == ServiceKind::web) continue;
    throw Error(Outcome::usage,
                fmt::format("cannot roll back to {}: its service {} is no web service of the configuration "
                            "any more, so no route would lead to it. Put [service.{}] back as it was, then "
                            "try again, or roll back to another release",
                            *id, name, name));
  }
  return release;
}

asio::awaitable<Report> install(Session session, PromoteRequest request) {
  std::string attempt = "install " + session.environment.name.text();
  return reported(session, install_or_throw(session, std::move(request)), std::move(attempt));
}

asio::awaitable<Report> promote(Session session, PromoteRequest request) {
  std::string attempt = "promote " + session.environment.name.text();
  return reported(session, promote_or_throw(session, std::move(request)), std::move(attempt));
}

asio::awaitable<Report> rollback(Session session, RollbackRequest request) {
  std::string attempt = "roll back " + session.environment.name.text();
  return reported(session, rollback_or_throw(session, std::move(request)), std::move(attempt));
}

}  // namespace halcyon::orchestrator
