// /_ping, /version, /info.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

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
};

/// Asks whether the engine is there. Shape: GET /_ping. Errors: unreachable, timeout.
boost::asio::awaitable<PingResult> ping(Engine& engine);
/// Shape: GET /version.
boost::asio::awaitable<EngineVersion> inspect_version(Engine& engine);
/// Shape: GET /info.
boost::asio::awaitable<EngineInfo> inspect_info(Engine& engine);

}  // namespace halcyon::docker_api
