// declare, switch and confirm: from the old half of the pair to the new one, without a reload.
#include <fmt/format.h>

#include <chrono>

#include "backup/durable_file.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/nginx_inclusion.hpp"
#include "orchestrator/promotion_steps.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_reload_deadline{20'000};
constexpr milliseconds k_confirm_deadline{10'000};
constexpr milliseconds k_confirm_poll{20};
constexpr int k_switch_confirmations = 3;

bool switches_by_reload(const Promotion& promotion) {
  return promotion.environment().nginx.switch_way == SwitchWay::reload;
}

const Service* find_first_web(const Promotion& promotion) {
  for (const Service& service : promotion.environment().services) {
    if (service.kind == ServiceKind::web) return &service;
  }
  return nullptr;
}

/// Who should get requests while the new declaration is being loaded: those who get them now.
Placements placements_before_switch(const Promotion& promotion) {
  Placements placements = promotion.target;
  for (const auto& [service, placement] : promotion.state.placements) placements[service] = placement;
  return placements;
}

/// nginx accepts its configuration, and that includes us: else it is not told to load it, because the
/// application would be out of service then.
asio::awaitable<void> check_inclusion(Promotion& promotion, std::vector<NginxFile> files) {
  const Environment& environment = promotion.environment();
  std::vector<std::string> loaded;
  try {
    Nginx settings = environment.nginx;
    loaded = co_await list_nginx_files(promotion.engine().executor(), std::move(settings));
  } catch (const Error& error) {
    // Nothing was told to nginx, so there is nothing to go back from.
    if (environment.nginx.mode == NginxMode::managed) withdraw_declaration(promotion);
    throw Error(error.outcome(),
                error.what() + describe_left_inclusion(environment, promotion.directory) +
                    describe_refused_inclusion(environment, promotion.directory, error.what()));
  }
  const auto missing = find_missing_inclusions(promotion.directory, files, loaded);
  if (missing.empty()) co_return;
  withdraw_declaration(promotion);
  throw Error(Outcome::aborted, describe_missing(environment, promotion.directory, missing));
}

/// nginx takes two server blocks of one name with a warning, and ignores one of them: either ours, or the one
/// that another application is served by.
asio::awaitable<void> check_name_is_free(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  if (environment.nginx.mode != NginxMode::managed) co_return;
  Nginx settings = environment.nginx;
  std::string domain = environment.domain;
  const auto conflicts =
      co_await list_name_conflicts(promotion.engine().executor(), std::move(settings), std::move(domain));
  if (conflicts.empty()) co_return;
  withdraw_declaration(promotion);
  throw Error(
      Outcome::aborted,
      fmt::format("nginx was not reloaded: another server block answers for a name of ours, and nginx "
                  "would ignore one of the two ({}). Give environment {} of {} another domain, or take "
                  "the name out of the other block (grep -rn -w '{}' {}/..)",
                  conflicts.front(), environment.name.text(), environment.app.text(), environment.domain,
                  environment.nginx.conf_dir));
}

/// Writes the files for `active`, tests them, makes nginx load them and sees that it did. `is_new`: they may
/// declare names that nginx has not had of us.
asio::awaitable<void> load_declaration(Promotion& promotion, Placements active, bool is_new = false) {
  const NginxDeclaration declaration = make_declaration(promotion, active);
  const auto files = render_nginx_files(declaration);
  write_declaration(promotion, files);
  co_await check_inclusion(promotion, files);
  if (is_new) co_await check_name_is_free(promotion);
  if (is_new && !promotion.state.current.empty()) {
    promotion.note(
        "nginx is reloaded, because what we declare to it has changed; clients with idle kept connections "
        "may see one of them closed");
  }
  Nginx settings = promotion.environment().nginx;
  ProbeTarget target = make_probe_target(promotion, *find_first_web(promotion));
  try {
    co_await reload_nginx(promotion.engine().executor(), std::move(settings), std::move(target),
                          nginx_generation(declaration), k_reload_deadline);
  } catch (const Error& error) {
    throw Error(Outcome::aborted,
                fmt::format("{}. {}", error.what(),
                            describe_inclusion(promotion.environment(), promotion.directory)));
  }
  backup::remove_file(promotion.directory.awaiting_inclusion());
}

bool is_on_disk(Promotion& promotion, const Placements& active) {
  return files_are_on_disk(promotion, render_nginx_files(make_declaration(promotion, active)));
}

asio::awaitable<bool> nginx_has_loaded(Promotion& promotion, Placements active) {
  const NginxDeclaration declaration = make_declaration(promotion, active);
  ProbeTarget target = make_probe_target(promotion, *find_first_web(promotion));
  const StateAnswer answer = co_await ask_nginx_state(promotion.engine().executor(), std::move(target));
  co_return answer.header&& answer.header->generation == nginx_generation(declaration);
}

/// The team's own location may hide our header (add_header). It may have been mended since nginx read it, and
/// somebody has to tell nginx.
asio::awaitable<bool> location_hides_header(Promotion& promotion) {
  if (promotion.environment().nginx.mode != NginxMode::include) co_return false;
  ProbeTarget target = make_probe_target(promotion, *find_first_web(promotion));
  const ProbeAnswer through = co_await probe_nginx(promotion.engine().executor(), std::move(target));
  co_return through.status != 0 && !through.header;
}

/// Several times in a row, on fresh connections; the last fault if that does not come about in time.
asio::awaitable<std::optional<std::string>> wait_until_routed(Promotion& promotion, const Service& service,
                                                              Slot slot, std::vector<std::string> addresses) {
  const auto deadline = Clock::now() + k_confirm_deadline;
  std::optional<std::string> fault;
  for (int in_a_row = 0; in_a_row < k_switch_confirmations;) {
    if (addresses.empty()) {
      fault = co_await find_routing_fault(promotion, service, slot);
    } else {
      fault = co_await find_routing_fault(promotion, service, slot, addresses);
    }
    in_a_row = fault ? 0 : in_a_row + 1;
    if (fault && Clock::now() >= deadline) co_return fault;
    if (fault) co_await pause(k_confirm_poll);
  }
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<void> declare_to_nginx(Promotion& promotion) {
  if (find_first_web(promotion) == nullptr || promotion.release.id.empty()) co_return;
  Placements active = placements_before_switch(promotion);
  bool loaded = co_await nginx_has_loaded(promotion, active);
  if (loaded && co_await location_hides_header(promotion)) loaded = false;
  if (loaded && is_on_disk(promotion, active)) co_return;
  if (loaded) {
    // nginx would lose us at its next start. A reload is not needed, and would cost idle connections.
    const auto files = render_nginx_files(make_declaration(promotion, active));
    write_declaration(promotion, files);
    co_await check_inclusion(promotion, files);
    promotion.note(fmt::format("what nginx has loaded of us was not on disk any more ({}); it was put back",
                               promotion.environment().nginx.mode == NginxMode::managed
                                   ? managed_link(promotion.environment())
                                   : promotion.directory.gate()));
    co_return;
  }
  // Flags count from the moment nginx looks at them; until now it may have been told by reloads.
  if (!switches_by_reload(promotion)) {
    for (const auto& [service, placement] : promotion.state.placements)
      promotion.directory.write_flag(service, placement.slot);
  }
  co_await load_declaration(promotion, std::move(active), true);
}

asio::awaitable<Verdict> nginx_has_declaration(Promotion& promotion) {
  if (find_first_web(promotion) == nullptr || promotion.release.id.empty()) co_return Verdict::holds;
  Placements active = placements_before_switch(promotion);
  if (!is_on_disk(promotion, active)) co_return Verdict::does_not_hold;
  const bool loaded = co_await nginx_has_loaded(promotion, std::move(active));
  co_return loaded ? Verdict::holds : Verdict::does_not_hold;
}

asio::awaitable<void> restore_declaration(Promotion& promotion) {
  const PutBack put_back = put_back_declaration(promotion);
  if (!put_back.changed) co_return;
  Nginx settings = promotion.environment().nginx;
  std::optional<ProbeTarget> target;
  if (!put_back.generation.empty() && !promotion.state.current.empty()) {
    target = make_probe_target(promotion, *find_first_web(promotion));
  }
  // A broken configuration elsewhere may be the very reason for going back; nginx then keeps what it has
  // loaded.
  std::string broken;
  try {
    co_await test_nginx(promotion.engine().executor(), settings);
    co_await reload_nginx(promotion.engine().executor(), std::move(settings), std::move(target),
                          put_back.generation, k_reload_deadline);
  } catch (const Error& error) {
    broken = error.what();
  }
  if (!broken.empty())
    promotion.note("our old declaration is back on disk, but nginx could not be reloaded: " + broken);
}

asio::awaitable<void> switch_to_target(Promotion& promotion) {
  // Without a target (an install that only prepares) there is nobody to give traffic to, or to take it from.
  if (find_first_web(promotion) == nullptr || promotion.target.empty()) co_return;
  if (switches_by_reload(promotion)) {
    Placements active = promotion.target;
    co_await load_declaration(promotion, std::move(active));
    co_return;
  }
  for (const auto& [service, placement] : promotion.target) {
    promotion.directory.write_flag(service, placement.slot);
  }
}

asio::awaitable<Verdict> switch_is_on_target(Promotion& promotion) {
  if (find_first_web(promotion) == nullptr || promotion.target.empty()) co_return Verdict::holds;
  if (switches_by_reload(promotion)) {
    Placements active = promotion.target;
    if (!is_on_disk(promotion, active)) co_return Verdict::does_not_hold;
    const bool loaded = co_await nginx_has_loaded(promotion, std::move(active));
    co_return loaded ? Verdict::holds : Verdict::does_not_hold;
  }
  for (const auto& [service, placement] : promotion.target) {
    if (promotion.directory.read_flag(service) != placement.slot) co_return Verdict::does_not_hold;
  }
  co_return Verdict::holds;
}

/// Gives traffic back to what the journal says serves. Needs nothing but the journal.
asio::awaitable<void> switch_back(Promotion& promotion) {
  if (switches_by_reload(promotion) && !promotion.state.current.empty()) {
    Placements active = promotion.state.placements;
    co_await load_declaration(promotion, std::move(active));
    co_return;
  }
  for (const Service& service : promotion.environment().services) {
    if (service.kind != ServiceKind::web) continue;
    const Placement* const now = promotion.find_current(service.name.text());
    promotion.directory.write_flag(service.name.text(), now == nullptr ? Slot::blue : now->slot);
  }
  for (const Service& service : promotion.environment().services) {
    const Placement* const now = promotion.find_current(service.name.text());
    if (now == nullptr) continue;
    const auto fault = co_await wait_until_routed(promotion, service, now->slot, {});
    if (fault)
      throw Error(Outcome::needs_operator, "traffic could not be given back to the old release: " + *fault);
  }
}

asio::awaitable<void> confirm_through_nginx(Promotion& promotion) {
  for (const auto& [name, placement] : promotion.target) {
    const Service* const service = promotion.environment().find_service(name);
    const ReleaseService* const entry = promotion.release.find_service(name);
    if (service == nullptr || entry == nullptr)
      continue;  // a rollback to a release with a service that the configuration no longer has
    auto addresses = upstream_addresses(promotion, entry->service, placement.slot);
    const auto fault = co_await wait_until_routed(promotion, *service, placement.slot, std::move(addresses));
    if (fault) throw Error(Outcome::aborted, "the switch could not be confirmed through nginx: " + *fault);
  }
}

}  // namespace halcyon::orchestrator
