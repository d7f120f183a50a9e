// /volumes. Prune: prune.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the engine says about a volume.
struct VolumeDetails {
  VolumeName name;
  std::string driver;
  std::string mountpoint;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
  std::string scope;  ///< open set: local, global
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::optional<std::uint64_t> size_bytes;       ///< only in disk usage
  std::optional<std::uint64_t> containers;       ///< how many use it; only in disk usage
  std::optional<std::uint64_t> cluster_version;  ///< of a cluster volume: for update_cluster_volume()
};

/// What a volume is made from.
struct VolumeSpec {
  VolumeName name;
  std::string driver = "local";
  std::map<std::string, std::string> options;  ///< {"type","tmpfs"}, {"device","tmpfs"}, ...
  std::map<std::string, std::string> labels;
};

/// Creates a local volume; an existing one of that name is returned as it is (the engine's own rule).
/// Idempotent.
boost::asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeName name,
                                                    std::map<std::string, std::string> labels = {});
/// The same with another driver or options; an existing one with others is a conflict on newer engines and is
/// returned as it is by older ones.
boost::asio::awaitable<VolumeDetails> create_volume(Engine& engine, VolumeSpec spec);
/// Errors: not_found.
boost::asio::awaitable<VolumeDetails> inspect_volume(Engine& engine, VolumeName name);
/// Like inspect_volume(), but nothing if there is none.
boost::asio::awaitable<std::optional<VolumeDetails>> find_volume(Engine& engine, VolumeName name);
/// Lists volumes that carry all of `labels` ("key" or "key=value").
boost::asio::awaitable<std::vector<VolumeDetails>> list_volumes(Engine& engine,
                                                                std::vector<std::string> labels = {});
/// The same with any conditions: dangling, driver, label, name.
boost::asio::awaitable<std::vector<VolumeDetails>> query_volumes(Engine& engine, Filters filters);
/// Idempotent: false if it was absent. Errors: conflict while a container uses it.
boost::asio::awaitable<bool> remove_volume(Engine& engine, VolumeName name);

/// Changes a cluster volume (CSI); other volumes cannot be changed.
///
/// Shape:  PUT /volumes/{name}?version=... with {"Spec": spec_json}; needs API 1.42.
/// Errors: unsupported; conflict or refused for another `version` than inspect said; invalid_argument if
///         `spec_json` is no JSON object.
boost::asio::awaitable<void> update_cluster_volume(Engine& engine, VolumeName name, std::uint64_t version,
                                                   std::string spec_json);

}  // namespace halcyon::docker_api
