#include "docker_api/host_settings_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/container_spec.hpp"
#include "docker_api/json_writing.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

template <class T>
void set_if_given(json& host, const char* key, const std::optional<T>& value) {
  if (value) host[key] = *value;
}

json make_device(const DeviceMapping& device) {
  if (device.host_path.empty() || device.host_path.front() != '/')
    refuse_create(fmt::format("device \"{}\" is not an absolute path", device.host_path));
  return {{"PathOnHost", device.host_path},
          {"PathInContainer", device.container_path.empty() ? device.host_path : device.container_path},
          {"CgroupPermissions", device.permissions}};
}

json make_device_request(const DeviceRequest& request) {
  if (request.count && !request.device_ids.empty())
    refuse_create("a device request has a count or ids, not both");
  json body{{"Driver", request.driver}, {"Capabilities", request.capabilities}, {"Options", request.options}};
  if (request.count) body["Count"] = *request.count;
  if (!request.device_ids.empty()) body["DeviceIDs"] = request.device_ids;
  return body;
}

json make_ulimit(const Ulimit& limit) {
  const bool is_above = limit.hard >= 0 && (limit.soft < 0 || limit.soft > limit.hard);
  if (is_above) refuse_create(fmt::format("ulimit {}: the soft limit is above the hard one", limit.name));
  return {{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}};
}

void add_lists(const HostSettings& settings, json& host) {
  for (const DeviceMapping& device : settings.devices) host["Devices"].push_back(make_device(device));
  for (const DeviceRequest& request : settings.device_requests)
    host["DeviceRequests"].push_back(make_device_request(request));
  for (const Ulimit& limit : settings.ulimits) host["Ulimits"].push_back(make_ulimit(limit));
  for (const auto& [path, options] : settings.tmpfs) {
    if (path.empty() || path.front() != '/')
      refuse_create(fmt::format("tmpfs \"{}\" is not an absolute path", path));
  }
  set_unless_empty(host, "Tmpfs", settings.tmpfs);
  set_unless_empty(host, "DeviceCgroupRules", settings.device_cgroup_rules);
  set_unless_empty(host, "Sysctls", settings.sysctls);
  set_unless_empty(host, "Dns", settings.dns_servers);
  set_unless_empty(host, "DnsSearch", settings.dns_search);
  set_unless_empty(host, "DnsOptions", settings.dns_options);
  set_unless_empty(host, "GroupAdd", settings.group_add);
  set_unless_empty(host, "VolumesFrom", settings.volumes_from);
  set_unless_empty(host, "StorageOpt", settings.storage_options);
  set_if_given(host, "MaskedPaths", settings.masked_paths);
  set_if_given(host, "ReadonlyPaths", settings.readonly_paths);
}

void add_modes(const HostSettings& settings, json& host) {
  set_unless_empty(host, "NetworkMode", settings.network_mode);
  set_unless_empty(host, "Runtime", settings.runtime);
  set_unless_empty(host, "PidMode", settings.pid_mode);
  set_unless_empty(host, "IpcMode", settings.ipc_mode);
  set_unless_empty(host, "UTSMode", settings.uts_mode);
  set_unless_empty(host, "UsernsMode", settings.user_mode);
  set_unless_empty(host, "CgroupParent", settings.cgroup_parent);
  if (settings.privileged) host["Privileged"] = true;
  if (settings.publish_all_ports) host["PublishAllPorts"] = true;
}

void add_limits(const HostSettings& settings, json& host) {
  set_if_given(host, "ShmSize", settings.shm_bytes);
  set_if_given(host, "MemoryReservation", settings.memory_reservation_bytes);
  set_if_given(host, "MemorySwap", settings.memory_swap_bytes);
  set_if_given(host, "MemorySwappiness", settings.memory_swappiness);
  set_if_given(host, "CpuShares", settings.cpu_shares);
  set_if_given(host, "CpuPeriod", settings.cpu_period_us);
  set_if_given(host, "CpuQuota", settings.cpu_quota_us);
  set_if_given(host, "BlkioWeight", settings.block_weight);
  set_if_given(host, "OomScoreAdj", settings.oom_score_adjust);
  set_unless_empty(host, "CpusetCpus", settings.cpuset_cpus);
  set_unless_empty(host, "CpusetMems", settings.cpuset_mems);
  if (settings.oom_kill_disable) host["OomKillDisable"] = true;
}

}  // namespace

void add_host_settings(const HostSettings& settings, json& host) {
  add_lists(settings, host);
  add_modes(settings, host);
  add_limits(settings, host);
}

}  // namespace halcyon::docker_api
