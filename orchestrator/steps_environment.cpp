// preflight and prepare: what must be there before anything is created, and what a promotion stands on.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/volumes.hpp"
#include "orchestrator/accessory_image.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/container_spec.hpp"
#include "orchestrator/http_gate.hpp"
#include "orchestrator/nginx_declaration.hpp"
#include "orchestrator/nginx_inclusion.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/promotion_steps.hpp"
#include "orchestrator/refused_start.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_accessory_deadline{120'000};
constexpr milliseconds k_accessory_poll{100};
/// Without a HEALTHCHECK nothing says that it works; one that has not died by then did not fail at its start.
constexpr milliseconds k_accessory_stays_up{1'000};

bool has_service_of(const Environment& environment, ServiceKind kind) {
  return std::any_of(environment.services.begin(), environment.services.end(),
                     [&](const Service& service) { return service.kind == kind; });
}

/// With something serving, nginx must reach it the way the journal says; otherwise a switch would prove
/// nothing.
asio::awaitable<void> check_routing(Promotion& promotion) {
  if (promotion.state.current.empty()) co_return;
  // A domain or route that nginx has not been told of yet cannot be asked for; the confirmation will.
  const NginxDeclaration declaration = make_declaration(promotion, promotion.state.placements);
  if (!files_are_on_disk(promotion, render_nginx_files(declaration))) co_return;
  for (const Service& service : promotion.environment().services) {
    const Placement* const now = promotion.find_current(service.name.text());
    if (service.kind != ServiceKind::web || now == nullptr) continue;
    const auto fault = co_await find_routing_fault(promotion, service, now->slot);
    if (fault) throw Error(Outcome::aborted, fmt::format("cannot {}: {}", to_string(promotion.kind), *fault));
  }
}

/// Whose network is in the way of ours, and what to do; empty if none is.
asio::awaitable<std::string> explain_taken_subnet(docker_api::Engine& engine, std::string subnet,
                                                  const Environment& environment) {
  const auto wanted = parse_ipv4_network(subnet);
  std::vector<std::string> names;
  const auto networks = co_await docker_api::list_networks(engine);
  for (const auto& network : networks) {
    for (const std::string& other : network.subnets) {
      const auto parsed = parse_ipv4_network(other);
      if (wanted && parsed && !is_free(*wanted, {*parsed})) names.push_back(network.name);
    }
  }
  if (names.empty()) co_return "";
  co_return fmt::format(
      "It overlaps with the network {0}: remove that one (docker network rm {0}){1}", fmt::join(names, ", "),
      environment.subnet.empty() ? "" : ", or set environment.NAME.subnet to a free private /24");
}

asio::awaitable<void> ensure_network(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  const std::string name = environment_object_name(environment.app, environment.name);
  const auto existing = co_await docker_api::find_network(promotion.engine(), name);
  if (!existing) {
    docker_api::NetworkSpec spec;
    spec.name = name;
    spec.subnet = promotion.state.subnet;
    spec.gateway = gateway_address(spec.subnet);
    spec.ip_range = dynamic_range(spec.subnet);
    spec.labels = make_labels(environment, promotion.label);
    const std::string subnet = spec.subnet;
    std::exception_ptr refused;
    std::string said;
    try {
      co_await docker_api::create_network(promotion.engine(), std::move(spec));
      co_return;
    } catch (const docker_api::Error& error) {
      if (!error.http_status()) throw;
      refused = std::current_exception();
      said = error.what();
    }
    const std::string cure = co_await explain_taken_subnet(promotion.engine(), subnet, environment);
    if (cure.empty()) std::rethrow_exception(refused);
    throw Error(Outcome::aborted,
                fmt::format("cannot create network {} with subnet {}: {}. {}", name, subnet, said, cure));
  }
  if (!is_own(existing->labels, environment)) {
    throw Error(Outcome::aborted,
                fmt::format("cannot use network {}: one of that name exists and is not ours. Remove it "
                            "(docker network rm {}) or rename the application",
                            name, name));
  }
  if (existing->subnets != std::vector<std::string>{promotion.state.subnet}) {
    throw Error(
        Outcome::aborted,
        fmt::format(
            "network {} has subnet {}, but this environment was given {}, and nginx holds addresses of "
            "that. Remove the network (docker network rm {}); it is made again",
            name, fmt::join(existing->subnets, ", "), promotion.state.subnet, name));
  }
}

asio::awaitable<void> ensure_volumes(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  for (const std::string& volume : list_volumes(environment)) {
    docker_api::VolumeName name(volume);
    auto labels = make_labels(environment, promotion.label);
    co_await docker_api::create_volume(promotion.engine(), std::move(name), std::move(labels));
  }
}

asio::awaitable<void> wait_until_accessory_runs(Promotion& promotion, docker_api::ContainerId id) {
  const auto began = Clock::now();
  const auto deadline = began + k_accessory_deadline;
  for (;;) {
    const auto container = co_await docker_api::inspect_container(promotion.engine(), id);
    const bool healthy = container.health == docker_api::HealthStatus::none ||
                         container.health == docker_api::HealthStatus::healthy;
    const bool proves_itself = container.health == docker_api::HealthStatus::healthy;
    const bool stays_up = proves_itself || Clock::now() >= began + k_accessory_stays_up;
    if (container.running && container.restart_count == 0 && healthy && stays_up) co_return;
    const bool failed = (!container.running && container.state != "created") || container.restart_count > 0;
    if (failed || Clock::now() > deadline) {
      const std::string log = co_await read_last_log_lines(promotion.engine(), id, 10);
      throw Error(
          Outcome::aborted,
          fmt::format(
              "accessory {} does not run: it is {}, exit code {}, restarted {} times, HEALTHCHECK {}. "
              "Its last log lines:\n{}",
              container.name, container.state, container.exit_code, container.restart_count,
              docker_api::to_string(container.health), log));
    }
    co_await pause(k_accessory_poll);
  }
}

/// An accessory that is there is left alone, whatever the configuration says now: it holds data.
asio::awaitable<void> ensure_accessory(Promotion& promotion, const Service& service) {
  const Environment& environment = promotion.environment();
  docker_api::ContainerId name(accessory_name(environment.app, environment.name, service.name));
  const auto existing = co_await docker_api::find_container(promotion.engine(), name);
  if (existing && !is_own(existing->labels, environment)) {
    throw Error(Outcome::aborted,
                fmt::format("cannot create accessory {}: a container of that name exists and is not "
                            "ours. Rename or remove it (docker rename {} ...)",
                            name.value, name.value));
  }
  if (existing && existing->running) co_return;
  if (!existing) {
    const auto image = co_await ensure_accessory_image(promotion, service);
    promotion.accessories[service.name.text()] = {
        service.image.to_string(), image.find_digest(service.image.repository).value_or(docker_api::Digest()),
        image.id};
    auto spec = make_accessory_spec(promotion, service, image.id);
    co_await create_at_its_address(promotion.engine(), std::move(spec));
  }
  co_await start_or_explain(promotion.engine(), name, service.name.text());
  promotion.tell({.kind = EventKind::progress,
                  .step = "prepare",
                  .service = service.name.text(),
                  .text = "waiting until it runs"});
  co_await wait_until_accessory_runs(promotion, name);
}

/// Whoever changes an accessory's image and promotes would otherwise believe that it runs.
asio::awaitable<void> note_other_accessory_images(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  if (!has_service_of(environment, ServiceKind::accessory)) co_return;
  const auto containers = co_await list_own_containers(promotion.engine(), environment);
  for (const OwnContainer& container : containers) {
    const Service* const service = environment.find_service(container.service);
    const auto image = container.summary.labels.find(std::string(k_label_image));
    if (service == nullptr || container.is_web() || image == container.summary.labels.end() ||
        image->second == service->image.to_string())
      continue;
    promotion.note(fmt::format(
        "accessory {} keeps image {}, although {} is configured: promotions leave accessories alone. To "
        "change it, back its data up, remove the container (docker rm -f {}; volumes stay) and run halcyon "
        "install {}",
        container.service, image->second, service->image.to_string(), container.summary.name,
        environment.name.text()));
  }
}

}  // namespace

asio::awaitable<void> check_before(Promotion& promotion) {
  co_await promotion.engine().api_version();
  co_await note_other_accessory_images(promotion);
  const Environment& environment = promotion.environment();
  if (!has_service_of(environment, ServiceKind::web)) co_return;
  const bool nginx_is_tested_later = awaits_our_files(promotion);
  if (!nginx_is_tested_later) {
    try {
      Nginx settings = environment.nginx;
      co_await test_nginx(promotion.engine().executor(), std::move(settings));
    } catch (const Error& error) {
      throw Error(error.outcome(),
                  error.what() + describe_refused_inclusion(environment, promotion.directory, error.what()));
    }
  }
  if (!find_nginx_master(environment.nginx)) {
    throw Error(Outcome::aborted,
                fmt::format("cannot {}: nginx is not running (no nginx master under the id in {}). "
                            "Start it (systemctl start nginx), or set nginx.pid_file",
                            to_string(promotion.kind), environment.nginx.pid_file));
  }
  if (!nginx_is_tested_later) co_await check_routing(promotion);
}

asio::awaitable<void> prepare_environment(Promotion& promotion) {
  co_await ensure_network(promotion);
  co_await ensure_volumes(promotion);
  for (const Service& service : promotion.environment().services) {
    if (service.kind == ServiceKind::accessory) co_await ensure_accessory(promotion, service);
  }
}

asio::awaitable<Verdict> environment_is_prepared(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  const auto network = co_await docker_api::find_network(
      promotion.engine(), environment_object_name(environment.app, environment.name));
  if (!network) co_return Verdict::does_not_hold;
  const auto containers = co_await list_own_containers(promotion.engine(), environment);
  for (const Service& service : environment.services) {
    if (service.kind != ServiceKind::accessory) continue;
    bool runs = false;
    for (const OwnContainer& container : containers) {
      runs = runs || (container.service == service.name.text() && container.is_running());
    }
    if (!runs) co_return Verdict::does_not_hold;
  }
  co_return Verdict::holds;
}

asio::awaitable<void> remove_new_environment(Promotion& promotion) {
  const Environment& environment = promotion.environment();
  const auto containers = co_await list_own_containers(promotion.engine(), environment);
  for (const OwnContainer& container : containers) {
    if (container.promotion != promotion.label) continue;
    docker_api::ContainerId id = container.summary.id;
    // Volumes stay: what an accessory may have written is not ours to judge.
    docker_api::RemoveOptions options{.force = true, .anonymous_volumes = true};
    co_await docker_api::remove_container(promotion.engine(), std::move(id), options);
  }
  const std::string name = environment_object_name(environment.app, environment.name);
  const auto network = co_await docker_api::find_network(promotion.engine(), name);
  const auto made_by = network ? network->labels.find("halcyon.promotion")
                               : std::map<std::string, std::string>::const_iterator{};
  if (network && made_by != network->labels.end() && made_by->second == promotion.label) {
    co_await docker_api::remove_network(promotion.engine(), name);
  }
}

}  // namespace halcyon::orchestrator
