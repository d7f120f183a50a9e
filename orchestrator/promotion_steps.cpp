#include "orchestrator/promotion_steps.hpp"

#include <algorithm>
#include <cstddef>

#include "orchestrator/pulled_images.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::nullptr_t k_seen_by_apply = nullptr;
constexpr std::nullptr_t k_nothing_left = nullptr;

template <int count>
milliseconds within_seconds(const Promotion& /*promotion*/) {
  return seconds(count);
}

milliseconds resolve_time(const Promotion& promotion) {
  const auto services = static_cast<int>(promotion.environment().services.size()) + 1;
  return promotion.environment().resolve_deadline * services + seconds(5);
}

/// The longest that any service's own setting allows, and some time to tell about it.
template <auto setting>
milliseconds longest(const Promotion& promotion) {
  milliseconds time{0};
  for (const Service& service : promotion.environment().services) time += setting(service);
  for (const auto& [name, entry] : promotion.release.services)
    time = std::max(time, milliseconds(setting(entry.service)));
  return time + seconds(15);
}

boost::asio::awaitable<void> pull_noted_images(Promotion& promotion) {
  co_await note_images_to_pull(promotion);
  co_await pull_images(promotion);
}

boost::asio::awaitable<void> forget_pulled_release(Promotion& promotion) {
  co_await forget_release(promotion);
  co_await remove_unneeded_images(promotion);
}

/// Three answers in a row, and the time until the first.
milliseconds confirm_time(const Service& service) {
  return std::max(milliseconds(5'000), service.gate.request_timeout) * 4;
}

milliseconds gate_time(const Service& service) { return service.gate.deadline * service.replicas; }

}  // namespace

// The whole promotion, read from top to bottom. A row's word is its StepId's.
// clang-format off
const std::array<Step, k_step_count> k_promotion_steps{{
    // id                     apply                  verify                   undo                    deadline               attempts
    {StepId::preflight,       check_before,          k_seen_by_apply,         k_nothing_left,         within_seconds<60>,    1},
    {StepId::resolve,         resolve_images,        k_seen_by_apply,         k_nothing_left,         resolve_time,          2},
    {StepId::pull,            pull_noted_images,     images_are_present,      forget_pulled_release,  within_seconds<3600>,  3},
    {StepId::prepare,         prepare_environment,   environment_is_prepared, remove_new_environment, within_seconds<3600>,  2},
    {StepId::create,          create_containers,     containers_exist,        remove_new_containers,  within_seconds<120>,   2},
    {StepId::start,           start_containers,      containers_run,          stop_new_containers,    within_seconds<120>,   2},
    {StepId::gate,            pass_gates,            k_seen_by_apply,         k_nothing_left,         longest<gate_time>,    1},
    {StepId::declare,         declare_to_nginx,      nginx_has_declaration,   restore_declaration,    within_seconds<60>,    1},
    {StepId::switch_traffic,  switch_to_target,      switch_is_on_target,     switch_back,            within_seconds<60>,    1},
    {StepId::confirm,         confirm_through_nginx, k_seen_by_apply,         k_nothing_left,         longest<confirm_time>, 1},
    // ---- COMMIT, the fsync of its journal record: above we go back, below we go on ----
    {StepId::drain,           drain_old_containers,  k_seen_by_apply,         k_nothing_left,         longest_drain,         2},
    {StepId::retire,          stop_old_containers,   old_containers_stopped,  k_nothing_left,         longest_stop,          3},
    {StepId::prune,           prune_old_releases,    k_seen_by_apply,         k_nothing_left,         within_seconds<120>,   2},
}};
// clang-format on

}  // namespace halcyon::orchestrator
