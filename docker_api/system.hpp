// /_ping, /version, /info.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/api_version.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the engine's ping says.
struct PingResult {
  std::optional<ApiVersion> api_version;  ///< the engine's newest, from the Api-Version header
  std::string os_type;
};

/// Which engine it is.
struct EngineVersion {
  std::string version;      ///< "20.10.24"
  std::string api_version;  ///< "1.41"
  std::string min_api_version;
  std::string os;
  std::string architecture;
  std::string kernel_version;
};

/// What the engine says about itself and its host.
struct EngineInfo {
  std::string id;
  std::string name;
  std::string root_dir;  ///< where the engine keeps images and containers
  std::string storage_driver;
  bool live_restore_enabled = false;
  bool rootless = false;  ///< "name=rootless" among SecurityOptions
  std::uint64_t memory_bytes = 0;
  std::int64_t cpus = 0;
  std::string server_version;    ///< "20.10.24"
  std::string operating_system;  ///< "Debian GNU/Linux 12 (bookworm)"
  std::string os_type;           ///< "linux"
  std::string architecture;      ///< as the kernel names it: "x86_64"
  std::string kernel_version;
  std::int64_t containers = 0;  ///< all of them
  std::int64_t containers_running = 0;
  std::int64_t containers_paused = 0;
  std::int64_t containers_stopped = 0;
  std::int64_t images = 0;
  std::string cgroup_driver;   ///< "cgroupfs" or "systemd"
  std::string cgroup_version;  ///< "1" or "2"; empty before API 1.41
  std::string logging_driver;
  std::string default_runtime;
  std::vector<std::string> runtimes;  ///< their names, sorted
  std::vector<std::string> security_options;
  std::vector<std::string> labels;
  std::vector<std::string> warnings;  ///< the engine's own about its host
  bool experimental = false;          ///< whether experimental calls, such as checkpoints, are answered
  std::string swarm_state;            ///< open set: inactive, pending, active, locked, error
};

/// Asks whether the engine is there. Shape: GET /_ping. Errors: unreachable, timeout.
boost::asio::awaitable<PingResult> ping(Engine& engine);
/// Shape: GET /version.
boost::asio::awaitable<EngineVersion> inspect_version(Engine& engine);
/// Shape: GET /info.
boost::asio::awaitable<EngineInfo> inspect_info(Engine& engine);

}  // namespace halcyon::docker_api
