#include "docker_api/version_gates.hpp"

#include <array>
#include <cstddef>

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::array k_gates{
    VersionGate{GatedOption::container_platform, "platform (container create)", {1, 41}},
    VersionGate{GatedOption::cgroup_namespace, "CgroupnsMode", {1, 41}},
    VersionGate{GatedOption::stats_one_shot, "one-shot (container stats)", {1, 41}},
    VersionGate{GatedOption::service_list_status, "status (service list)", {1, 41}},
    VersionGate{GatedOption::console_size, "ConsoleSize", {1, 42}},
    VersionGate{GatedOption::stop_signal, "signal (container stop)", {1, 42}},
    VersionGate{GatedOption::restart_signal, "signal (container restart)", {1, 42}},
    VersionGate{GatedOption::disk_usage_type, "type (disk usage)", {1, 42}},
    VersionGate{GatedOption::image_list_shared_size, "shared-size (image list)", {1, 42}},
    VersionGate{GatedOption::volume_prune_all, "sparing named volumes (volume prune)", {1, 42}},
    VersionGate{GatedOption::volume_update, "volume update", {1, 42}},
    VersionGate{GatedOption::annotations, "Annotations", {1, 43}},
    VersionGate{GatedOption::start_interval, "StartInterval", {1, 44}},
    VersionGate{GatedOption::several_networks, "more than one network (container create)", {1, 44}},
    VersionGate{GatedOption::endpoint_mac_address, "MacAddress of an endpoint", {1, 44}},
    VersionGate{GatedOption::read_only_non_recursive, "ReadOnlyNonRecursive", {1, 44}},
    VersionGate{GatedOption::volume_subpath, "Subpath of a volume", {1, 45}},
    VersionGate{GatedOption::push_platform, "platform (image push)", {1, 46}},
    VersionGate{GatedOption::image_list_manifests, "manifests (image list)", {1, 47}},
    VersionGate{GatedOption::gateway_priority, "GwPriority", {1, 48}},
    VersionGate{GatedOption::image_mount, "a mount of type image", {1, 48}},
    VersionGate{GatedOption::network_ipv4, "EnableIPv4", {1, 48}},
    VersionGate{GatedOption::image_history_platform, "platform (image history)", {1, 48}},
    VersionGate{GatedOption::image_load_platform, "platform (image load)", {1, 48}},
    VersionGate{GatedOption::image_save_platform, "platform (image save)", {1, 48}},
    VersionGate{GatedOption::image_inspect_manifests, "manifests (image inspect)", {1, 48}},
    VersionGate{GatedOption::image_inspect_platform, "platform (image inspect)", {1, 49}},
    VersionGate{GatedOption::image_remove_platforms, "platforms (image remove)", {1, 50}},
    VersionGate{GatedOption::image_load_several_platforms, "several platforms (image load)", {1, 52}},
    VersionGate{GatedOption::image_save_several_platforms, "several platforms (image save)", {1, 52}},
    VersionGate{GatedOption::disk_usage_verbose, "verbose (disk usage)", {1, 52}},
    VersionGate{GatedOption::image_list_identity, "identity (image list)", {1, 54}},
    VersionGate{GatedOption::connect_mac_address, "MacAddress (network connect)", {1, 54}},
    VersionGate{GatedOption::image_attestations, "listing attestations", {1, 55}},
};

/// gate_of() uses the enumerator as an index.
constexpr bool is_in_order() {
  for (std::size_t i = 0; i < k_gates.size(); ++i) {
    if (static_cast<std::size_t>(k_gates[i].option) != i) return false;
  }
  return k_gates.size() == static_cast<std::size_t>(GatedOption::image_attestations) + 1;
}
static_assert(is_in_order());

}  // namespace

std::span<const VersionGate> version_gates() noexcept { return k_gates; }

const VersionGate& gate_of(GatedOption option) noexcept { return k_gates[static_cast<std::size_t>(option)]; }

void require_option(ApiVersion negotiated, GatedOption option) {
  const VersionGate& gate = gate_of(option);
  require_api_version(negotiated, gate.since, gate.name);
}

asio::awaitable<void> require_options(Engine& engine, std::vector<GatedOption> options) {
  if (options.empty()) co_return;
  const ApiVersion version = co_await engine.api_version();
  for (const GatedOption option : options) require_option(version, option);
}

}  // namespace halcyon::docker_api
