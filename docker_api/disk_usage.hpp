// GET /system/df: what takes the engine's disk.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/containers.hpp"
#include "docker_api/image_list.hpp"
#include "docker_api/volumes.hpp"

namespace halcyon::docker_api {

/// Totals of one kind of object.
struct UsageTotal {
  std::uint64_t count = 0;
  std::uint64_t active = 0;  ///< in use
  std::uint64_t total_bytes = 0;
  std::uint64_t reclaimable_bytes = 0;
};

/// One entry of the build cache.
struct BuildCacheRecord {
  std::string id;
  std::string type;  ///< open set: regular, source.local, exec.cachemount, ...
  std::string description;
  bool in_use = false;
  bool shared = false;
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> last_used_at;
  std::int64_t times_used = 0;
};

template <class Item>
/// How much one kind of object takes.
struct Usage {
  UsageTotal total;
  std::vector<Item> items;  ///< from API 1.52 on only with `verbose`
};

/// What the engine's objects take on its disk.
struct DiskUsage {
  Usage<ImageSummary> images;
  Usage<ContainerSummary> containers;
  Usage<VolumeDetails> volumes;
  Usage<BuildCacheRecord> build_cache;
};

/// What to count.
struct DiskUsageOptions {
  /// container, image, volume, build-cache; empty: all. Needs API 1.42: what was not asked for is not walked.
  std::vector<std::string> types;
  bool verbose = false;  ///< the items as well; needs API 1.52, older engines always send them
};

/// Lets the engine walk its disk, which may take minutes.
///
/// Shape:  GET /system/df?type=...&verbose=1. Up to API 1.51 lists of objects (the totals are counted here,
///         by the rules of the docker client), from 1.53 totals counted by the engine, in 1.52 both.
/// Errors: unsupported; conflict or refused while another one runs.
boost::asio::awaitable<DiskUsage> inspect_disk_usage(Engine& engine, DiskUsageOptions options = {});

}  // namespace halcyon::docker_api
