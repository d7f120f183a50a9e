// /volumes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;

struct VolumeDetails {
  VolumeName name;
  std::string driver;
  std::string mountpoint;
  std::map<std::string, std::string> labels;
};

/// Creates a local volume; an existing one of that name is returned as it is (the engine's own rule).
/// Idempotent.
boost::asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeName name,
                                                    std::map<std::string, std::string> labels = {});
boost::asio::awaitable<std::optional<VolumeDetails>> find_volume(Engine& engine, VolumeName name);
boost::asio::awaitable<std::vector<VolumeDetails>> list_volumes(Engine& engine,
                                                                std::vector<std::string> labels = {});
/// Idempotent: false if it was absent. Errors: conflict while a container uses it.
boost::asio::awaitable<bool> remove_volume(Engine& engine, VolumeName name);

}  // namespace halcyon::docker_api
