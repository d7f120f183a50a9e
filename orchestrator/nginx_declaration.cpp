#include "orchestrator/nginx_declaration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "backup/durable_file.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/nginx_inclusion.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;

constexpr mode_t k_nginx_file_mode = 0600;  // it holds the probe token; nginx's master reads it as root
constexpr std::string_view k_before = ".before";
constexpr std::string_view k_absent = ".absent";  // there was none before

std::string main_domain(const Environment& environment) {
  return environment.domain.substr(0, environment.domain.find(' '));
}

bool route_covers(const std::string& route, std::string_view path) {
  if (route.ends_with('/')) return path.starts_with(route);
  return path == route || path.starts_with(route + "/");
}

/// The service to which nginx sends `path`: the longest route wins.
const Service* find_routed_service(const Environment& environment, std::string_view path) {
  const Service* best = nullptr;
  std::size_t longest = 0;
  for (const Service& service : environment.services) {
    for (const std::string& route : service.routes) {
      if (service.kind == ServiceKind::web && route_covers(route, path) && route.size() >= longest) {
        best = &service;
        longest = route.size();
      }
    }
  }
  return best;
}

std::optional<Release> read_previous(const Promotion& promotion) {
  if (promotion.state.previous.empty()) return std::nullopt;
  try {
    return promotion.directory.read_release(promotion.state.previous);
  } catch (const Error&) {
    return std::nullopt;  // its slot then stands as configured; nothing goes there without a promotion
  }
}

/// The settings by which a slot is served: those of the release whose containers are, or will be, in it. What
/// is configured now may be another port than the one that the serving release listens on.
Service settings_in_slot(const Promotion& promotion, const std::optional<Release>& previous,
                         const Service& configured, Slot slot) {
  const std::string& name = configured.name.text();
  const auto entry_in = [&](const Placements& placements, const Release& release) -> const ReleaseService* {
    const auto placement = placements.find(name);
    if (placement == placements.end() || placement->second.slot != slot) return nullptr;
    return release.find_service(name);
  };
  if (const auto* entry = entry_in(promotion.target, promotion.release)) return entry->service;
  const auto* const current =
      promotion.current ? entry_in(promotion.state.placements, *promotion.current) : nullptr;
  if (current != nullptr) return current->service;
  const auto* const kept = previous ? entry_in(promotion.state.previous_placements, *previous) : nullptr;
  return kept != nullptr ? kept->service : configured;
}

NginxUpstream make_upstream(Promotion& promotion, const Service& settings, Slot slot) {
  const int group = promotion.address_group(settings.name.text());
  return {.addresses = slot_addresses(promotion.state.subnet, group, slot, settings.replicas),
          .port = settings.port};
}

std::string before_path(const std::string& path, const std::string& promotion) {
  return fmt::format("{}{}.{}", path, k_before, promotion);
}

std::string absent_path(const std::string& path, const std::string& promotion) {
  return fmt::format("{}{}.{}", path, k_absent, promotion);
}

std::string managed_file_path(const Promotion& promotion) {
  return promotion.directory.gate() + "/managed.conf";
}

/// Of both ways: one may have been left for the other.
std::vector<std::string> declared_files(const Environment& environment) {
  std::vector<std::string> names{"managed.conf", "http.conf", "server.conf"};
  for (const Service& service : environment.services)
    names.push_back("location_" + service.name.text() + ".conf");
  return names;
}

/// What the files that nginx was given last call themselves; empty if they do not say.
std::string generation_in(std::string_view text) {
  constexpr std::string_view k_word = "generation=";
  const std::size_t at = text.find(k_word);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + k_word.size());
  return std::string(text.substr(0, text.find(' ')));
}

/// A dry run writes nothing: without a token nginx has not been told of one either.
std::string probe_token(const Promotion& promotion) {
  return promotion.journal == nullptr ? promotion.directory.read_probe_token()
                                      : promotion.directory.ensure_probe_token();
}

}  // namespace

NginxDeclaration make_declaration(Promotion& promotion, const Placements& active) {
  const Environment& environment = promotion.environment();
  NginxDeclaration declaration{.app = environment.app, .environment = environment.name};
  declaration.domain = environment.domain;
  declaration.settings = environment.nginx;
  declaration.gate_directory = promotion.directory.gate();
  declaration.access_log = promotion.directory.access_log();
  declaration.probe_token = probe_token(promotion);
  const std::optional<Release> previous = read_previous(promotion);
  for (const Service& service : environment.services) {
    if (service.kind != ServiceKind::web) continue;
    NginxService entry{.name = service.name};
    entry.routes = service.routes;
    entry.blue =
        make_upstream(promotion, settings_in_slot(promotion, previous, service, Slot::blue), Slot::blue);
    entry.green =
        make_upstream(promotion, settings_in_slot(promotion, previous, service, Slot::green), Slot::green);
    const auto placement = active.find(service.name.text());
    // With flags the rendered text does not depend on the slot that serves; with reloads it is the switch
    // itself.
    if (placement != active.end() && environment.nginx.switch_way == SwitchWay::reload) {
      entry.active = placement->second.slot;
    }
    declaration.services.push_back(std::move(entry));
  }
  return declaration;
}

bool files_are_on_disk(const Promotion& promotion, const std::vector<NginxFile>& files) {
  const Environment& environment = promotion.environment();
  if (environment.nginx.mode == NginxMode::managed) {
    std::error_code failed;
    const auto target = std::filesystem::read_symlink(managed_link(environment), failed);
    if (failed || target != managed_file_path(promotion)) return false;
  }
  return std::all_of(files.begin(), files.end(), [&](const NginxFile& file) {
    return backup::read_file(promotion.directory.gate() + "/" + file.name) == file.content;
  });
}

void write_declaration(const Promotion& promotion, const std::vector<NginxFile>& files) {
  for (const NginxFile& file : files) {
    const std::string path = promotion.directory.gate() + "/" + file.name;
    const auto existing = backup::read_file(path);
    if (existing == file.content) continue;
    // A running environment changes to this way: going back is without this file.
    const bool is_new_way =
        !existing && path == managed_file_path(promotion) && !promotion.state.current.empty();
    if (is_new_way) backup::create_file(absent_path(path, promotion.id), "", k_nginx_file_mode);
    // create_file, not replace_file: the first copy of this promotion is the one to go back to.
    if (existing) backup::create_file(before_path(path, promotion.id), *existing, k_nginx_file_mode);
    backup::replace_file(path, file.content, k_nginx_file_mode);
  }
  const Environment& environment = promotion.environment();
  const std::string managed = managed_file_path(promotion);
  if (environment.nginx.mode == NginxMode::managed) {
    backup::replace_link(managed_link(environment), managed);
  } else if (const auto content = backup::read_file(managed_link(environment))) {
    // Both ways at once would declare every name twice.
    backup::create_file(before_path(managed, promotion.id), *content, k_nginx_file_mode);
    backup::remove_file(managed_link(environment));
  }
}

void withdraw_declaration(const Promotion& promotion) {
  if (promotion.environment().nginx.mode == NginxMode::managed) {
    put_back_declaration(promotion);
    return;
  }
  const std::string managed_before = before_path(managed_file_path(promotion), promotion.id);
  if (backup::read_file(managed_before))
    backup::replace_link(managed_link(promotion.environment()), managed_file_path(promotion));
  backup::remove_file(managed_before);
  for (const std::string& name : declared_files(promotion.environment()))
    backup::remove_file(before_path(promotion.directory.gate() + "/" + name, promotion.id));
  backup::create_file(promotion.directory.awaiting_inclusion(), "", k_nginx_file_mode);
}

PutBack put_back_declaration(const Promotion& promotion) {
  PutBack result;
  const Environment& environment = promotion.environment();
  if (promotion.state.current.empty() && environment.nginx.mode == NginxMode::managed) {
    result.changed = backup::remove_file(managed_link(environment));
    backup::remove_file(promotion.directory.gate() + "/managed.conf");
  }
  if (backup::remove_file(absent_path(managed_file_path(promotion), promotion.id))) {
    backup::remove_file(managed_link(environment));
    backup::remove_file(managed_file_path(promotion));
    result.changed = true;
  }
  for (const std::string& name : declared_files(environment)) {
    const std::string path = promotion.directory.gate() + "/" + name;
    const auto before = backup::read_file(before_path(path, promotion.id));
    if (!before) continue;
    backup::replace_file(path, *before, k_nginx_file_mode);
    if (path == managed_file_path(promotion) && !promotion.state.current.empty())
      backup::replace_link(managed_link(environment), path);
    backup::remove_file(before_path(path, promotion.id));
    result.changed = true;
    if (std::string generation = generation_in(*before); !generation.empty()) result.generation = generation;
  }
  return result;
}

void forget_replaced_declaration(const Promotion& promotion) {
  const bool is_managed = promotion.environment().nginx.mode == NginxMode::managed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(promotion.directory.gate())) {
    const std::string name = entry.path().filename().string();
    const bool is_copy = name.find(std::string(k_before) + ".") != std::string::npos ||
                         name.ends_with(k_before) ||
                         name.find(std::string(k_absent) + ".") != std::string::npos;
    const bool is_of_other_way =
        is_managed ? name == "http.conf" || name == "server.conf" || name.starts_with("location_")
                   : name == "managed.conf";
    if (is_copy || is_of_other_way) paths.push_back(entry.path().string());
  }
  for (const std::string& path : paths) backup::remove_file(path);
}

ProbeTarget make_probe_target(const Environment& environment, std::string token, const Service& service) {
  ProbeTarget target;
  target.address = environment.nginx.probe;
  target.host = main_domain(environment);
  target.token = std::move(token);
  target.timeout = std::max(target.timeout, service.gate.request_timeout);
  const std::string path = service.gate.path.substr(0, service.gate.path.find('?'));
  target.path =
      find_routed_service(environment, path) == &service ? service.gate.path : service.routes.front();
  return target;
}

ProbeTarget make_probe_target(const Promotion& promotion, const Service& service) {
  return make_probe_target(promotion.environment(), probe_token(promotion), service);
}

std::optional<std::string> find_state_fault(const Environment& environment, const StateDirectory& directory,
                                            const StateAnswer& answer, const std::string& service,
                                            Slot slot) {
  const std::string where =
      fmt::format("http://{}/ (Host {})", environment.nginx.probe, main_domain(environment));
  if (answer.status == 0) {
    return fmt::format("nginx does not answer at {}: {}. Start nginx, or set nginx.probe to where it listens",
                       where, answer.error);
  }
  if (!answer.header) {
    return fmt::format(
        "the answer from {} (status {}) did not come from our server block: another one answers for "
        "this host, or nginx has not loaded ours. {}",
        where, answer.status, describe_inclusion(environment, directory));
  }
  if (!answer.header->gate_readable) {
    return fmt::format(
        "nginx's workers cannot see {}/canary, so no flag there would have any effect. Every "
        "directory above it must be passable for the user that nginx runs as (chmod 0711), and "
        "gate/ itself readable (chmod 0755)",
        directory.gate());
  }
  const auto now = answer.header->slots.find(service);
  if (now == answer.header->slots.end()) {
    return fmt::format("nginx knows of no service {}; run halcyon resume {} to put it right", service,
                       environment.name.text());
  }
  if (now->second != to_string(slot)) {
    return fmt::format(
        "nginx sends {0} to {1}, but {2} should serve, and what {1} holds, if anything, is stopped or "
        "another release: clients get errors or wrong answers. Was the flag {3} changed by hand? Run halcyon "
        "resume {4} to put it right",
        service, now->second, to_string(slot), directory.flag(service), environment.name.text());
  }
  return std::nullopt;
}

std::optional<std::string> find_answer_fault(const ProbeTarget& target, const ProbeAnswer& answer,
                                             const std::string& service,
                                             const std::vector<std::string>& addresses) {
  const std::string where = fmt::format("http://{}{} (Host {})", target.address, target.path, target.host);
  if (answer.status == 0)
    return fmt::format("nginx answers, but {} did not, asked through it at {}: {}", service, where,
                       answer.error);
  if (!answer.header) {
    return fmt::format(
        "the answer from {} (status {}) lacks the header by which we know our own server block", where,
        answer.status);
  }
  const std::string answered = answer.header->upstreams.empty() ? "none" : answer.header->upstreams.back();
  if (!addresses.empty() && std::find(addresses.begin(), addresses.end(), answered) == addresses.end()) {
    return fmt::format("{} was answered by {}, not by the {} slot ({})", where, answered, answer.header->slot,
                       fmt::join(addresses, ", "));
  }
  if (answer.status == 502 || answer.status == 504)
    return fmt::format("nginx got no answer from {} for {}: status {}", answered, where, answer.status);
  return std::nullopt;
}

asio::awaitable<std::optional<std::string>> find_routing_fault(Promotion& promotion, const Service& service,
                                                               Slot slot) {
  ProbeTarget target = make_probe_target(promotion, service);
  const StateAnswer answer = co_await ask_nginx_state(promotion.engine().executor(), std::move(target));
  co_return find_state_fault(promotion.environment(), promotion.directory, answer, service.name.text(), slot);
}

asio::awaitable<std::optional<std::string>> find_routing_fault(Promotion& promotion, const Service& service,
                                                               Slot slot,
                                                               std::vector<std::string> addresses) {
  if (auto fault = co_await find_routing_fault(promotion, service, slot)) co_return fault;
  const ProbeTarget target = make_probe_target(promotion, service);
  const ProbeAnswer answer = co_await probe_nginx(promotion.engine().executor(), target);
  auto fault = find_answer_fault(target, answer, service.name.text(), addresses);
  if (fault && answer.status != 0 && !answer.header)
    *fault += ". " + describe_inclusion(promotion.environment(), promotion.directory);
  co_return fault;
}

std::string managed_link(const Environment& environment) {
  return fmt::format("{}/halcyon-{}.conf", environment.nginx.conf_dir,
                     environment_object_name(environment.app, environment.name));
}

std::vector<std::string> upstream_addresses(Promotion& promotion, const Service& settings, Slot slot) {
  const NginxUpstream upstream = make_upstream(promotion, settings, slot);
  std::vector<std::string> addresses = upstream.addresses;
  for (std::string& address : addresses) address += fmt::format(":{}", upstream.port);
  return addresses;
}

}  // namespace halcyon::orchestrator
