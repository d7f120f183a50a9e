#include "docker_api/disk_usage_answer.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/container_details.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/volume_details.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

BuildCacheRecord parse_cache_record(const json& body) {
  return {.id = get_string(body, "ID"),
          .type = get_string(body, "Type"),
          .description = get_string(body, "Description"),
          .in_use = get_bool(body, "InUse"),
          .shared = get_bool(body, "Shared"),
          .size_bytes = find_size(body, "Size"),
          .created_at = get_time(body, "CreatedAt"),
          .last_used_at = get_time(body, "LastUsedAt"),
          .times_used = get_int64(body, "UsageCount")};
}

UsageTotal parse_total(const json& usage) {
  return {.count = find_size(usage, "TotalCount").value_or(0),
          .active = find_size(usage, "ActiveCount").value_or(0),
          .total_bytes = find_size(usage, "TotalSize").value_or(0),
          .reclaimable_bytes = find_size(usage, "Reclaimable").value_or(0)};
}

/// One kind of object in either shape; `count` makes totals of the old one.
template <class Item>
Usage<Item> read(const json& body, const char* new_key, const char* old_key, Item (*parse)(const json&),
                 UsageTotal (*count)(const json&, const std::vector<Item>&)) {
  Usage<Item> usage;
  const json& fresh = get_field(body, new_key);
  // API 1.52 sends both, the items in the old field only.
  const json& items =
      get_field(fresh, "Items").is_null() ? get_list(body, old_key) : get_list(fresh, "Items");
  for (const json& item : items) usage.items.push_back(parse(item));
  usage.total = fresh.is_object() ? parse_total(fresh) : count(body, usage.items);
  return usage;
}

UsageTotal count_images(const json& body, const std::vector<ImageSummary>& images) {
  UsageTotal total{.count = images.size(), .total_bytes = find_size(body, "LayersSize").value_or(0)};
  for (const ImageSummary& image : images) {
    // Without a count it may be in use.
    if (!image.containers) continue;
    if (*image.containers > 0) {
      ++total.active;
    } else if (image.size_bytes && image.shared_bytes && *image.size_bytes >= *image.shared_bytes) {
      total.reclaimable_bytes += *image.size_bytes - *image.shared_bytes;
    }
  }
  return total;
}

UsageTotal count_containers(const json& /*body*/, const std::vector<ContainerSummary>& containers) {
  UsageTotal total{.count = containers.size()};
  for (const ContainerSummary& container : containers) {
    const std::uint64_t bytes = container.size_rw_bytes.value_or(0);
    const bool is_active =
        container.state == "running" || container.state == "paused" || container.state == "restarting";
    total.total_bytes += bytes;
    if (is_active) {
      ++total.active;
    } else {
      total.reclaimable_bytes += bytes;
    }
  }
  return total;
}

UsageTotal count_volumes(const json& /*body*/, const std::vector<VolumeDetails>& volumes) {
  UsageTotal total{.count = volumes.size()};
  for (const VolumeDetails& volume : volumes) {
    const std::uint64_t bytes = volume.size_bytes.value_or(0);
    total.total_bytes += bytes;
    if (volume.containers.value_or(0) > 0) {
      ++total.active;
    } else {
      total.reclaimable_bytes += bytes;
    }
  }
  return total;
}

UsageTotal count_build_cache(const json& /*body*/, const std::vector<BuildCacheRecord>& records) {
  UsageTotal total{.count = records.size()};
  for (const BuildCacheRecord& record : records) {
    // What is shared is counted with the image that it is shared with.
    const std::uint64_t bytes = record.shared ? 0 : record.size_bytes.value_or(0);
    total.total_bytes += bytes;
    if (record.in_use) {
      ++total.active;
    } else {
      total.reclaimable_bytes += bytes;
    }
  }
  return total;
}

}  // namespace

DiskUsage parse_disk_usage(const json& body) {
  return {
      .images = read(body, "ImageUsage", "Images", &parse_image_summary, &count_images),
      .containers = read(body, "ContainerUsage", "Containers", &parse_container_summary, &count_containers),
      .volumes = read(body, "VolumeUsage", "Volumes", &parse_volume, &count_volumes),
      .build_cache = read(body, "BuildCacheUsage", "BuildCache", &parse_cache_record, &count_build_cache)};
}

}  // namespace halcyon::docker_api
