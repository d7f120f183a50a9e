#include "orchestrator/container_spec.hpp"

#include <fmt/format.h>

#include "backup/durable_file.hpp"
#include "docker_api/version_gates.hpp"
#include "orchestrator/address_plan.hpp"
#include "orchestrator/own_containers.hpp"

namespace halcyon::orchestrator {
namespace asio = boost::asio;

namespace {

docker_api::ContainerSpec make_common_spec(const Promotion& promotion, const Service& service) {
  const Environment& environment = promotion.environment();
  docker_api::ContainerSpec spec;
  spec.command = service.command;
  spec.entrypoint = service.entrypoint;
  spec.user = service.user;
  spec.memory_bytes = service.memory_bytes;
  spec.nano_cpus = service.nano_cpus;
  spec.pids_limit = service.pids_limit;
  spec.read_only_root = service.read_only_root;
  spec.cap_drop = service.cap_drop;
  spec.cap_add = service.cap_add;
  spec.security_options = {"no-new-privileges:true"};
  spec.stop_signal = service.stop_signal;
  spec.stop_timeout = service.stop_timeout;
  for (const VolumeMount& volume : service.volumes) {
    docker_api::Mount mount;
    mount.type = volume.is_bind() ? docker_api::Mount::Type::bind : docker_api::Mount::Type::volume;
    mount.source =
        volume.is_bind() ? volume.source : volume_name(environment.app, environment.name, volume.source);
    mount.target = volume.target;
    mount.read_only = volume.read_only;
    spec.mounts.push_back(std::move(mount));
  }
  return spec;
}

docker_api::NetworkAttachment attach(const Promotion& promotion, std::string address, std::string alias) {
  docker_api::NetworkAttachment attachment;
  attachment.network = environment_object_name(promotion.environment().app, promotion.environment().name);
  attachment.mac_address = hardware_address(address);
  attachment.ipv4 = std::move(address);
  if (!alias.empty()) attachment.aliases.push_back(std::move(alias));
  return attachment;
}

}  // namespace

EnvironmentValues read_configured_values(const Service& service) {
  EnvironmentValues values;
  if (!service.env_file.empty()) {
    const auto text = backup::read_file(service.env_file);
    if (!text) {
      throw Error(Outcome::usage,
                  fmt::format("cannot read the environment of {}: {} does not exist; create it, or "
                              "mend service.{}.env_file",
                              service.name.text(), service.env_file, service.name.text()));
    }
    values = parse_env_file(*text, service.env_file);
  }
  values.insert(values.end(), service.environment.begin(), service.environment.end());
  return values;
}

std::set<std::string> list_volumes(const Environment& environment) {
  std::set<std::string> names;
  for (const Service& service : environment.services) {
    for (const VolumeMount& volume : service.volumes) {
      if (!volume.is_bind()) names.insert(volume_name(environment.app, environment.name, volume.source));
    }
  }
  return names;
}

docker_api::ContainerSpec make_web_spec(Promotion& promotion, const std::string& service, int replica) {
  const ReleaseService& entry = promotion.release.services.at(service);
  const Placement& placement = promotion.target.at(service);
  docker_api::ContainerSpec spec = make_common_spec(promotion, entry.service);
  spec.name = promotion.container_names(service, placement, replica).back();
  spec.image = entry.image.value;
  spec.labels = make_labels(promotion.environment(), entry.service, &placement, replica, promotion.label);
  const auto values = promotion.values.find(service);
  if (values != promotion.values.end()) spec.environment = values->second;
  spec.environment.insert(spec.environment.end(),
                          {{"HALCYON_ENVIRONMENT", promotion.environment().name.text()},
                           {"HALCYON_SERVICE", service},
                           {"HALCYON_SLOT", std::string(to_string(placement.slot))},
                           {"HALCYON_RELEASE", placement.origin}});
  spec.exposed_tcp_ports = {entry.service.port};
  // No alias: the two slots of a pair must not both answer to the service's name.
  spec.network = attach(
      promotion,
      slot_address(promotion.state.subnet, promotion.address_group(service), placement.slot, replica), "");
  // Until it serves, a crash must stay a crash to be seen; the policy is set behind COMMIT.
  spec.restart_policy = docker_api::RestartPolicy::no;
  return spec;
}

docker_api::ContainerSpec make_accessory_spec(Promotion& promotion, const Service& service,
                                              const docker_api::ImageId& image) {
  const Environment& environment = promotion.environment();
  docker_api::ContainerSpec spec = make_common_spec(promotion, service);
  spec.name = accessory_name(environment.app, environment.name, service.name);
  spec.image = image.value;
  spec.labels = make_labels(environment, service, nullptr, 1, promotion.label);
  spec.labels[std::string(k_label_image)] = service.image.to_string();
  spec.environment = read_configured_values(service);
  spec.network = attach(
      promotion, accessory_address(promotion.state.subnet, promotion.address_group(service.name.text())),
      service.name.text());
  spec.restart_policy = docker_api::RestartPolicy::always;
  return spec;
}

asio::awaitable<docker_api::CreatedContainer> create_at_its_address(docker_api::Engine& engine,
                                                                    docker_api::ContainerSpec spec) {
  const auto kind = co_await engine.kind();
  const auto version = co_await engine.api_version();
  const auto since = docker_api::gate_of(docker_api::GatedOption::endpoint_mac_address).since;
  if (kind == docker_api::EngineKind::docker && version < since) spec.network->mac_address.clear();
  co_return co_await docker_api::create_container(engine, std::move(spec));
}

}  // namespace halcyon::orchestrator
