// DELETE /images/{name} and prune: which names and which images go.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/host_defaults.hpp"
#include "docker_api/testing/image_names.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::string repository_of(const std::string& name) {
  const std::size_t at = name.find('@');
  return at != std::string::npos ? name.substr(0, at) : name.substr(0, name.rfind(':'));
}

const Container* find_user(const Core& core, const StoredImage& image, bool running) {
  for (const auto& container : core.containers) {
    if (container->image_id == image.id && container->is_running() == running) return container.get();
  }
  return nullptr;
}

/// One tag at most, and no digest of another repository.
bool has_single_name(const StoredImage& image) {
  if (image.names.size() > 1) return false;
  const std::string repository =
      repository_of(image.names.empty() ? image.digests.empty() ? "" : image.digests[0] : image.names[0]);
  return std::all_of(image.digests.begin(), image.digests.end(), [&repository](const std::string& digest) {
    return repository_of(digest) == repository;
  });
}

void untag(Core& core, StoredImage& image, const std::string& name, json& removed) {
  std::erase(image.names, name);
  std::erase(image.digests, name);
  removed.push_back({{"Untagged", name}});
  std::map<std::string, std::string> attributes = image.image.labels;
  attributes["name"] = image.id;
  core.emit("image", "untag", image.id, std::move(attributes));
}

void erase_image(Core& core, const std::string& id, json& removed) {
  StoredImage& image = *core.find_image(id);
  while (!image.names.empty()) untag(core, image, std::string(image.names.front()), removed);
  while (!image.digests.empty()) untag(core, image, std::string(image.digests.front()), removed);
  std::map<std::string, std::string> attributes = image.image.labels;
  attributes["name"] = id;
  core.emit("image", "delete", id, std::move(attributes));
  removed.push_back({{"Deleted", id}});
  removed.push_back({{"Deleted", "sha256:" + sha256_hex("layer of " + id)}});
  std::erase_if(core.images, [&id](const StoredImage& other) { return other.id == id; });
}

/// Why the image itself cannot go; nothing if it can.
std::optional<std::string> find_conflict(const Core& core, const StoredImage& image, bool force) {
  if (const Container* user = find_user(core, image, true)) {
    return fmt::format(
        "conflict: unable to delete {} (cannot be forced) - image is being used by running container {}",
        short_id(image.id), short_id(user->id));
  }
  const Container* user = force ? nullptr : find_user(core, image, false);
  if (user == nullptr) return std::nullopt;
  return fmt::format(
      "conflict: unable to delete {} (must be forced) - image is being used by stopped container {}",
      short_id(image.id), short_id(user->id));
}

json remove_by_id(Core& core, StoredImage& image, bool force) {
  if (!has_single_name(image) && !force) {
    throw Refusal{409, fmt::format("conflict: unable to delete {} (must be forced) - image is referenced in "
                                   "multiple repositories",
                                   short_id(image.id))};
  }
  if (const auto why = find_conflict(core, image, force)) throw Refusal{409, *why};
  core.effect("image.remove", image.id);
  json removed = json::array();
  erase_image(core, std::string(image.id), removed);
  return removed;
}

json remove_name(Core& core, StoredImage& image, const std::string& name, bool force) {
  const Container* user = find_user(core, image, true);
  if (user == nullptr) user = find_user(core, image, false);
  if (!force && has_single_name(image) && user != nullptr) {
    throw Refusal{409, fmt::format("conflict: unable to remove repository reference \"{}\" (must force) - "
                                   "container {} is using its referenced image {}",
                                   name, short_id(user->id), short_id(image.id))};
  }
  core.effect("image.remove", name);
  json removed = json::array();
  untag(core, image, name, removed);
  const std::string repository = repository_of(name);
  const auto same_repository = [&repository](const std::string& other) {
    return repository_of(other) == repository;
  };
  if (std::none_of(image.names.begin(), image.names.end(), same_repository)) {
    for (const std::string& digest : std::vector<std::string>(image.digests)) {
      if (same_repository(digest)) untag(core, image, digest, removed);
    }
  }
  if (!image.names.empty() || !image.digests.empty() || find_conflict(core, image, force)) return removed;
  erase_image(core, std::string(image.id), removed);
  return removed;
}

}  // namespace

Answer remove_image(Core& core, const Call& call) {
  StoredImage* image = core.find_image(call.name);
  if (image == nullptr) throw Refusal{404, fmt::format("No such image: {}", full_name(call.name))};
  const bool force = call.request.flag("force");
  const std::string name = familiar(call.name);
  const bool is_name = std::find(image->names.begin(), image->names.end(), name) != image->names.end() ||
                       std::find(image->digests.begin(), image->digests.end(), name) != image->digests.end();
  return answer_json(is_name ? remove_name(core, *image, name, force) : remove_by_id(core, *image, force));
}

Answer prune_images(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"dangling", "label", "label!"}, {"until"});
  const bool unused_too = filters.contains("dangling") &&
                          (filters.at("dangling").contains("false") || filters.at("dangling").contains("0"));
  std::vector<std::string> ids;
  for (const StoredImage& image : core.images) {
    const bool used = find_user(core, image, true) != nullptr || find_user(core, image, false) != nullptr;
    const bool dangling = image.names.empty() && image.digests.empty();
    if (!used && (dangling || unused_too) && matches_prune_labels(filters, image.image.labels)) {
      ids.push_back(image.id);
    }
  }
  json removed = json::array();
  for (const std::string& id : ids) {
    core.effect("image.remove", id);
    erase_image(core, id, removed);
  }
  core.emit("image", "prune", "", {{"reclaimed", "0"}});
  return answer_json({{"ImagesDeleted", removed.empty() ? json() : removed}, {"SpaceReclaimed", 0}});
}

}  // namespace halcyon::docker_api::fake
