// Dry runs: the same questions as a promotion asks, and nothing written, pulled or created.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/volumes.hpp"
#include "orchestrator/accessory_image.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/container_spec.hpp"
#include "orchestrator/environment_subnet.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"
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
    const auto existing = co_await list_own_containers(promotion.engine(), promotion.environment());
    for (const std::string& container : planned.containers) {
      const auto is_it = [&](const OwnContainer& own) { return own.summary.name == container; };
      if (std::any_of(existing.begin(), existing.end(), is_it)) planned.kept.push_back(container);
    }
    planned.addresses =
        slot_addresses(promotion.state.subnet, promotion.address_group(name), target.slot, replicas);
  }
  co_return planned;
}

/// "volume shop_production_uploads" for each that is not there yet.
asio::awaitable<void> list_new_volumes(const Promotion& promotion, std::vector<std::string>& created) {
  for (const std::string& name : list_volumes(promotion.environment())) {
    docker_api::VolumeName volume(name);
    if (!co_await docker_api::find_volume(promotion.engine(), std::move(volume))) {
      created.push_back("volume " + name);
    }
  }
}

/// An image that could not be had is found out now, as a web service's is.
asio::awaitable<void> list_new_accessories(Promotion& promotion, std::vector<std::string>& created) {
  const Environment& environment = promotion.environment();
  const auto containers = co_await list_own_containers(promotion.engine(), environment);
  for (const Service& service : environment.services) {
    if (service.kind != ServiceKind::accessory) continue;
    const bool is_there =
        std::any_of(containers.begin(), containers.end(),
                    [&](const OwnContainer& container) { return container.service == service.name.text(); });
    if (is_there) continue;
    const bool is_pulled = (co_await find_accessory_image(promotion, service)).has_value();
    if (!is_pulled) co_await resolve_at_registry(promotion, accessory_reference(promotion, service));
    created.push_back(fmt::format("accessory {} from {}, {}",
                                  accessory_name(environment.app, environment.name, service.name),
                                  service.image.to_string(), is_pulled ? "pulled already" : "to be pulled"));
  }
}

/// What an install makes for the environment itself.
asio::awaitable<std::vector<std::string>> list_created(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  std::vector<std::string> created;
  if (!promotion.directory.exists()) created.push_back("directory " + promotion.directory.root());
  const std::string network = environment_object_name(environment.app, environment.name);
  const auto existing = co_await docker_api::find_network(promotion.engine(), network);
  if (!existing) created.push_back(fmt::format("network {} ({})", network, promotion.state.subnet));
  co_await list_new_volumes(promotion, created);
  co_await list_new_accessories(promotion, created);
  co_return created;
}

/// With nothing that serves nginx has nothing of ours yet; and to find that out would write a probe token.
asio::awaitable<bool> would_reload_nginx(Promotion& promotion) {
  const auto& services = promotion.environment().services;
  const bool has_web = std::any_of(services.begin(), services.end(),
                                   [](const Service& service) { return service.kind == ServiceKind::web; });
  if (promotion.kind == PromotionKind::install && promotion.state.current.empty())
    co_return has_web && !promotion.release.id.empty();
  const Verdict declared = co_await nginx_has_declaration(promotion);
  co_return declared != Verdict::holds;
}

asio::awaitable<Plan> make_plan(Session session, PromotionKind kind, EnvironmentState state, Release release,
                                PromoteRequest request) {
  const StateDirectory directory(session.environment.state_directory);
  Promotion promotion{.session = session, .directory = directory, .journal = nullptr, .state = state};
  promotion.kind = kind;
  promotion.images = std::move(request.images);
  promotion.release = std::move(release);
  note_current(promotion);
  Plan plan;
  plan.release = promotion.release.id;
  plan.from_release = state.current;
  co_await check_before(promotion);
  if (kind == PromotionKind::install) plan.creates = co_await list_created(promotion);
  co_await resolve_images(promotion);
  bool replaces_any = false;
  std::vector<std::string> names;
  names.reserve(promotion.release.services.size());
  for (const auto& [name, entry] : promotion.release.services) names.push_back(name);
  promotion.broken = co_await find_broken_services(promotion);
  for (const std::string& name : names) {
    plan.services.push_back(co_await plan_service(promotion, name));
    replaces_any = replaces_any || plan.services.back().changed;
  }
  plan.reloads_nginx = co_await would_reload_nginx(promotion);
  const Verdict prepared = co_await environment_is_prepared(promotion);
  const bool is_prepared = plan.creates.empty() && prepared == Verdict::holds;
  plan.outcome = replaces_any || plan.reloads_nginx || !is_prepared ? Outcome::deployed : Outcome::unchanged;
  for (const Step& step : k_promotion_steps) plan.steps.emplace_back(to_string(step.id));
  const auto holder = find_lock_holder(directory.lock());
  if (holder) {
    plan.outcome = Outcome::busy;
    plan.text = "this environment is being changed by " + to_string(*holder);
  }
  if (state.open && !holder) {
    promotion.note(fmt::format(
        "{} {} was interrupted: a real run first {} it, and may find another state then",
        to_string(state.open->kind), state.open->id, state.open->committed ? "finishes" : "undoes"));
  }
  plan.notes = std::move(promotion.notes);
  co_return plan;
}

Release next_release(const EnvironmentState& state) {
  Release release;
  release.id = fmt::format("r{}", state.next_release);
  return release;
}

asio::awaitable<Plan> plan_install_or_throw(Session session, PromoteRequest request) {
  check_requested_services(session.environment, request);
  EnvironmentState state = read_state_or_none(session.environment);
  co_await refuse_unknown_containers(session, state);
  state.subnet = co_await find_subnet(session, state);
  Release release = request.images.empty() ? Release{} : next_release(state);
  Plan plan = co_await make_plan(session, PromotionKind::install, std::move(state), std::move(release),
                                 std::move(request));
  co_return plan;
}

asio::awaitable<Plan> plan_promotion_or_throw(Session session, PromoteRequest request) {
  check_requested_services(session.environment, request);
  EnvironmentState state = read_state(session.environment);
  Release release = next_release(state);
  Plan plan = co_await make_plan(session, PromotionKind::promote, std::move(state), std::move(release),
                                 std::move(request));
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
  EnvironmentState state = read_state(session.environment);
  Release release = read_rollback_release(session.environment, directory, state, request);
  Plan plan = co_await make_plan(session, PromotionKind::rollback, std::move(state), std::move(release), {});
  co_return plan;
}

}  // namespace

asio::awaitable<Plan> plan_install(Session session, PromoteRequest request) {
  std::string attempt = "plan an install of " + session.environment.name.text();
  return planned(plan_install_or_throw(session, std::move(request)), std::move(attempt));
}

asio::awaitable<Plan> plan_promotion(Session session, PromoteRequest request) {
  std::string attempt = "plan a promotion of " + session.environment.name.text();
  return planned(plan_promotion_or_throw(session, std::move(request)), std::move(attempt));
}

asio::awaitable<Plan> plan_rollback(Session session, RollbackRequest request) {
  std::string attempt = "plan a rollback of " + session.environment.name.text();
  return planned(plan_rollback_or_throw(session, std::move(request)), std::move(attempt));
}

}  // namespace halcyon::orchestrator
