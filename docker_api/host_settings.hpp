// What a container gets of its host beyond the usual: devices, kernel limits, namespaces, name resolution.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace halcyon::docker_api {

/// A device file of the host in the container (`docker run --device`).
struct DeviceMapping {
  std::string host_path;            ///< "/dev/ttyUSB0"
  std::string container_path;       ///< empty: the same
  std::string permissions = "rwm";  ///< of read, write, mknod
};

/// Devices that a driver chooses (`docker run --gpus`).
struct DeviceRequest {
  std::string driver;                                  ///< "nvidia"; empty: whichever has the capabilities
  std::optional<std::int64_t> count;                   ///< -1: all; nothing: those of `device_ids`
  std::vector<std::string> device_ids;                 ///< "0", "GPU-fef8..."
  std::vector<std::vector<std::string>> capabilities;  ///< one of the inner lists whole: {{"gpu", "compute"}}
  std::map<std::string, std::string> options;
};

/// A limit of setrlimit(2).
struct Ulimit {
  std::string name;       ///< "nofile", "nproc", "memlock", ...
  std::int64_t soft = 0;  ///< -1: unlimited
  std::int64_t hard = 0;
};

/// The part of HostConfig that few containers need; a default-constructed field leaves the choice to the
/// engine.
///
/// Source: Engine API 1.40 .. 1.55, POST /containers/create, HostConfig; all fields are in 1.40.
struct HostSettings {
  std::string network_mode;  ///< "host", "none", "container:NAME"; instead of ContainerSpec::network
  std::vector<DeviceMapping> devices;
  std::vector<DeviceRequest> device_requests;
  std::vector<std::string> device_cgroup_rules;  ///< "c 13:* rwm"
  std::vector<Ulimit> ulimits;
  std::map<std::string, std::string> sysctls;  ///< {"net.core.somaxconn", "1024"}
  std::map<std::string, std::string> tmpfs;    ///< absolute path -> mount options ("size=64m,mode=1777")
  std::vector<std::string> dns_servers;
  std::vector<std::string> dns_search;
  std::vector<std::string> dns_options;
  std::vector<std::string> group_add;     ///< names or numbers of further groups
  std::vector<std::string> volumes_from;  ///< "NAME" or "NAME:ro"
  std::map<std::string, std::string> storage_options;
  std::string runtime;        ///< "runc", "runsc", "nvidia"
  std::string pid_mode;       ///< "host" or "container:NAME"
  std::string ipc_mode;       ///< "private", "shareable", "host", "container:NAME", "none"
  std::string uts_mode;       ///< "host"
  std::string user_mode;      ///< "host": no user namespace
  std::string cgroup_parent;  ///< below which control group
  bool privileged = false;
  bool publish_all_ports = false;  ///< every exposed port on one of the host's that the engine chooses
  std::optional<std::uint64_t> shm_bytes;
  std::optional<std::uint64_t> memory_reservation_bytes;
  std::optional<std::int64_t> memory_swap_bytes;  ///< memory and swap together; -1: unlimited
  std::optional<std::int64_t> memory_swappiness;  ///< 0 .. 100
  std::optional<std::int64_t> cpu_shares;         ///< relative weight; the engine's own is 1024
  std::optional<std::int64_t> cpu_period_us;
  std::optional<std::int64_t> cpu_quota_us;
  std::string cpuset_cpus;                   ///< "0-3,5"
  std::string cpuset_mems;                   ///< "0,1"
  std::optional<std::int64_t> block_weight;  ///< 10 .. 1000
  std::optional<std::int64_t> oom_score_adjust;
  bool oom_kill_disable = false;
  std::optional<std::vector<std::string>> masked_paths;    ///< instead of the engine's; empty: none
  std::optional<std::vector<std::string>> readonly_paths;  ///< the same
};

}  // namespace halcyon::docker_api
