#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

constexpr const char* k_directory = "/var/lib/docker/volumes/";

json show_volume(const Volume& volume) {
  json shown{{"CreatedAt", to_rfc3339(std::chrono::floor<std::chrono::seconds>(volume.created))},
             {"Driver", volume.driver},
             {"Labels", nullptr},
             {"Mountpoint", k_directory + volume.name + "/_data"},
             {"Name", volume.name},
             {"Options", nullptr},
             {"Scope", "local"}};
  if (!volume.labels.empty()) shown["Labels"] = volume.labels;
  if (!volume.options.empty()) shown["Options"] = volume.options;
  return shown;
}

std::vector<std::string> users_of(const Core& core, const std::string& name) {
  std::vector<std::string> ids;
  for (const auto& container : core.containers) {
    const bool uses = std::any_of(container->mounts.begin(), container->mounts.end(),
                                  [&name](const MountRecord& mount) { return mount.name == name; });
    if (uses) ids.push_back(container->id);
  }
  return ids;
}

void require_valid_name(const std::string& name) {
  constexpr const char* k_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const bool valid = std::string_view(k_letters).find(name.front()) != std::string_view::npos &&
                     name.find_first_not_of(std::string(k_letters) + "_.-") == std::string::npos;
  if (valid) return;
  throw Refusal{400,
                fmt::format("create {0}: \"{0}\" includes invalid characters for a local volume name, only "
                            "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host "
                            "directory, use absolute path",
                            name)};
}

void erase_volume(Core& core, const std::string& name) {
  std::erase_if(core.volumes, [&name](const Volume& volume) { return volume.name == name; });
  core.emit("volume", "destroy", name, {{"driver", "local"}});
}

}  // namespace

Volume* find_volume(Core& core, std::string_view name) {
  const auto found = std::find_if(core.volumes.begin(), core.volumes.end(),
                                  [name](const Volume& volume) { return volume.name == name; });
  return found == core.volumes.end() ? nullptr : &*found;
}

Volume& ensure_volume(Core& core, const std::string& name, bool anonymous) {
  if (Volume* present = find_volume(core, name)) return *present;
  require_valid_name(name);
  core.volumes.push_back({.name = name, .created = core.now(), .anonymous = anonymous});
  core.emit("volume", "create", name, {{"driver", "local"}});
  return core.volumes.back();
}

Answer create_volume(Core& core, const Call& call) {
  const json body = read_body(call.request);
  const std::string driver = body.value("Driver", "local");
  std::string name = body.value("Name", "");
  if (!driver.empty() && driver != "local") {
    throw Refusal{404, fmt::format("create {0}: error looking up volume plugin {1}: plugin \"{1}\" not found",
                                   name, driver)};
  }
  const bool anonymous = name.empty();
  if (anonymous) name = core.new_id();
  if (const Volume* present = find_volume(core, name)) return answer_json(show_volume(*present), 201);
  require_valid_name(name);
  core.effect("volume.create", name);
  Volume& volume = ensure_volume(core, name, anonymous);
  if (body.contains("Labels") && body["Labels"].is_object()) volume.labels = body["Labels"];
  if (body.contains("DriverOpts") && body["DriverOpts"].is_object()) volume.options = body["DriverOpts"];
  return answer_json(show_volume(volume), 201);
}

Answer list_volumes(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"dangling", "driver", "label", "name"});
  json list = json::array();
  for (const Volume& volume : core.volumes) {
    const auto names = filters.find("name");
    const bool has_name = names == filters.end() ||
                          std::any_of(names->second.begin(), names->second.end(), [&](const auto& part) {
                            return volume.name.find(part) != std::string::npos;
                          });
    const bool dangling = users_of(core, volume.name).empty();
    const bool has_use =
        !filters.contains("dangling") ||
        dangling == (filters.at("dangling").contains("true") || filters.at("dangling").contains("1"));
    if (has_name && has_use && matches_exactly(filters, "driver", volume.driver) &&
        matches_labels(filters, "label", volume.labels)) {
      list.push_back(show_volume(volume));
    }
  }
  return answer_json({{"Volumes", list}, {"Warnings", nullptr}});
}

Answer inspect_volume(Core& core, const Call& call) {
  if (const Volume* volume = find_volume(core, call.name)) return answer_json(show_volume(*volume));
  throw Refusal{404, fmt::format("get {}: no such volume", call.name)};
}

Answer remove_volume(Core& core, const Call& call) {
  const Volume* volume = find_volume(core, call.name);
  if (volume == nullptr) {
    if (call.request.flag("force")) return answer_empty(204);
    throw Refusal{404, fmt::format("get {}: no such volume", call.name)};
  }
  const auto users = users_of(core, call.name);
  if (!users.empty()) {
    throw Refusal{409, fmt::format("remove {}: volume is in use - [{}]", call.name, fmt::join(users, ", "))};
  }
  core.effect("volume.remove", call.name);
  erase_volume(core, call.name);
  return answer_empty(204);
}

/// Before API 1.42 named volumes go too.
Answer prune_volumes(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  const bool knows_all = call.request.version >= ApiVersion{1, 42};
  if (knows_all) {
    require_known(filters, {"label", "label!", "all"});
  } else {
    require_known(filters, {"label", "label!"});
  }
  const bool named_too =
      !knows_all ||
      (filters.contains("all") && (filters.at("all").contains("true") || filters.at("all").contains("1")));
  std::vector<std::string> names;
  for (const Volume& volume : core.volumes) {
    if ((volume.anonymous || named_too) && users_of(core, volume.name).empty() &&
        matches_prune_labels(filters, volume.labels)) {
      names.push_back(volume.name);
    }
  }
  for (const std::string& name : names) {
    core.effect("volume.remove", name);
    erase_volume(core, name);
  }
  core.emit("volume", "prune", "", {{"reclaimed", "0"}});
  return answer_json({{"VolumesDeleted", names.empty() ? json() : json(names)}, {"SpaceReclaimed", 0}});
}

}  // namespace halcyon::docker_api::fake
