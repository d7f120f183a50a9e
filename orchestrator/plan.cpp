// Dry runs: the same questions as a promotion asks, and nothing written, pulled or created.
#include <fmt/format.h>

#include <utility>

#include "docker_api/images.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/steps_image.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

asio::awaitable<PlannedService> plan_service(Promotion& promotion, const std::string& name) {
  ReleaseService& entry = promotion.release.services.at(name);
  const Placement* const now = promotion.find_current(name);
  PlannedService planned;
  planned.name = name;
  planned.image = entry.reference;
  planned.digest = entry.digest.value;
  planned.pulled = co_await note_image_if_present(promotion, name);
  place_service(promotion, name);
  const Placement& target = promotion.target.at(name);
  if (now != nullptr) planned.from_slot = to_string(now->slot);
  planned.to_slot = to_string(target.slot);
  planned.changed = promotion.replaces(name);
  if (planned.changed) {
    const int replicas = entry.service.replicas;
    planned.containers = promotion.container_names(name, target, replicas);
    planned.addresses =
        slot_addresses(promotion.state.subnet, promotion.address_group(name), target.slot, replicas);
  }
  co_return planned;
}

asio::awaitable<Plan> make_plan(Session session, PromotionKind kind, Release release,
                                PromoteRequest request) {
  const StateDirectory directory(session.environment.state_directory);
  EnvironmentState state = read_state(session.environment);
  if (release.id.empty()) release.id = fmt::format("r{}", state.next_release);
  Promotion promotion{.session = session, .directory = directory, .journal = nullptr, .state = state};
  promotion.kind = kind;
  promotion.images = std::move(request.images);
  promotion.release = std::move(release);
  if (!state.current.empty()) promotion.current = directory.read_release(state.current);
  Plan plan;
  plan.release = promotion.release.id;
  plan.from_release = state.current;
  co_await check_before(promotion);
  co_await resolve_images(promotion);
  bool replaces_any = false;
  std::vector<std::string> names;
  for (const auto& [name, entry] : promotion.release.services) names.push_back(name);
  promotion.broken = co_await find_broken_services(promotion);
  for (const std::string& name : names) {
    plan.services.push_back(co_await plan_service(promotion, name));
    replaces_any = replaces_any || plan.services.back().changed;
  }
  const Verdict declared = co_await nginx_has_declaration(promotion);
  plan.reloads_nginx = declared != Verdict::holds;
  const Verdict prepared = co_await environment_is_prepared(promotion);
  const bool changes_any = replaces_any || plan.reloads_nginx || prepared != Verdict::holds;
  plan.outcome = changes_any ? Outcome::deployed : Outcome::unchanged;
  for (const Step& step : k_promotion_steps) plan.steps.emplace_back(to_string(step.id));
  if (const auto holder = find_lock_holder(directory.lock())) {
    plan.outcome = Outcome::busy;
    plan.text = "this environment is being changed by " + to_string(*holder);
  }
  co_return plan;
}

asio::awaitable<Plan> planned(asio::awaitable<Plan> operation, std::string attempt) {
  std::exception_ptr failed;
  try {
    co_return co_await std::move(operation);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    failed = std::current_exception();
  }
  const Failure failure = describe(failed, attempt);
  Plan plan;
  plan.outcome = failure.outcome;
  plan.text = failure.text;
  co_return plan;
}

asio::awaitable<Plan> plan_rollback_or_throw(Session session, RollbackRequest request) {
  const StateDirectory directory(session.environment.state_directory);
  const EnvironmentState state = read_state(session.environment);
  const auto id =
      request.to.empty() ? std::optional(state.previous) : find_release(directory, state, request.to);
  if (!id || id->empty()) {
    throw Error(Outcome::usage, "cannot roll back: there is no such release; halcyon releases lists them");
  }
  Release release = directory.read_release(*id);
  Plan plan = co_await make_plan(session, PromotionKind::rollback, std::move(release), {});
  co_return plan;
}

}  // namespace

asio::awaitable<Plan> plan_promotion(Session session, PromoteRequest request) {
  std::string attempt = "plan a promotion of " + session.environment.name.text();
  return planned(make_plan(session, PromotionKind::promote, Release{}, std::move(request)),
                 std::move(attempt));
}

asio::awaitable<Plan> plan_rollback(Session session, RollbackRequest request) {
  std::string attempt = "plan a rollback of " + session.environment.name.text();
  return planned(plan_rollback_or_throw(session, std::move(request)), std::move(attempt));
}

}  // namespace halcyon::orchestrator
