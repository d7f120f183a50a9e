// Which options need which API version. One table: engines drop what is too new without a word (G39).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "docker_api/api_version.hpp"

namespace halcyon::docker_api {

class Engine;

/// An option of ours that is newer than the oldest API version that we speak.
enum class GatedOption : std::uint8_t {
  container_platform,
  cgroup_namespace,
  stats_one_shot,
  service_list_status,
  console_size,
  stop_signal,
  restart_signal,
  disk_usage_type,
  image_list_shared_size,
  volume_prune_all,
  volume_update,
  annotations,
  start_interval,
  several_networks,
  endpoint_mac_address,
  read_only_non_recursive,
  volume_subpath,
  push_platform,
  image_list_manifests,
  gateway_priority,
  image_mount,
  network_ipv4,
  image_history_platform,
  image_load_platform,
  image_save_platform,
  image_inspect_manifests,
  image_inspect_platform,
  image_remove_platforms,
  image_load_several_platforms,
  image_save_several_platforms,
  disk_usage_verbose,
  image_list_identity,
  connect_mac_address,
  image_attestations,
};

/// An option and the first version that knows it.
struct VersionGate {
  GatedOption option{};
  std::string_view name;  ///< as messages name it
  ApiVersion since;       ///< older engines ignore the option or misread it
};

/// The whole table, in the order of the enumerators.
/// Source: moby's api/docs/CHANGELOG.md; third_party_docs/docker_engine_api.md#options-by-version.
std::span<const VersionGate> version_gates() noexcept;
/// The row of an option.
const VersionGate& gate_of(GatedOption option) noexcept;

/// Errors: unsupported ("StartInterval needs API 1.44, this engine speaks 1.41").
void require_option(ApiVersion negotiated, GatedOption option);

/// Holds all of `options` against the engine's version; asks for that version only if there are any. Called
/// before the request, so that nothing but the ping has been sent when it throws. Errors: as
/// require_option().
boost::asio::awaitable<void> require_options(Engine& engine, std::vector<GatedOption> options);

}  // namespace halcyon::docker_api
