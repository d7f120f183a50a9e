// The images that the engine has.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/host_defaults.hpp"
#include "docker_api/testing/image_names.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

json show_config(const StoredImage& stored) {
  const Image& image = stored.image;
  json config = default_config();
  config.update({{"User", image.user}, {"WorkingDir", image.working_dir}});
  if (!image.environment.empty()) config["Env"] = image.environment;
  if (!image.command.empty()) config["Cmd"] = image.command;
  if (!image.entrypoint.empty()) config["Entrypoint"] = image.entrypoint;
  config["Labels"] = image.labels.empty() ? json() : json(image.labels);
  if (!image.stop_signal.empty()) config["StopSignal"] = image.stop_signal;
  for (const std::string& port : image.exposed_ports) config["ExposedPorts"][port] = json::object();
  if (!image.healthcheck.empty()) config["Healthcheck"] = {{"Test", image.healthcheck}};
  return config;
}

std::vector<std::string> layers_of(const StoredImage& stored) {
  return {"sha256:" + sha256_hex("layer of " + stored.id)};
}

StoredImage& require_image(Core& core, const std::string& name, const char* shape) {
  StoredImage* image = core.find_image(name);
  if (image == nullptr) throw Refusal{404, fmt::format(fmt::runtime(shape), name, full_name(name))};
  return *image;
}

json or_null(const std::vector<std::string>& list) { return list.empty() ? json() : json(list); }

bool has_reference(const FilterMap& filters, const StoredImage& image) {
  if (!filters.contains("reference")) return true;
  for (const std::string& wanted : filters.at("reference")) {
    const auto fits = [&wanted](const std::string& name) {
      return name == wanted || name.substr(0, name.rfind(':')) == wanted || name == familiar(wanted);
    };
    if (std::any_of(image.names.begin(), image.names.end(), fits)) return true;
  }
  return false;
}

}  // namespace

StoredImage* Core::find_image(std::string_view wanted) {
  const auto by = [this](auto&& is_it) {
    const auto found = std::find_if(images.begin(), images.end(), is_it);
    return found == images.end() ? nullptr : &*found;
  };
  if (wanted.empty()) return nullptr;
  if (StoredImage* found = by([&](const StoredImage& image) { return image.id == wanted; })) return found;
  const std::string name = familiar(std::string(wanted));
  const auto is_named = [&name](const StoredImage& image) {
    return std::find(image.names.begin(), image.names.end(), name) != image.names.end() ||
           std::find(image.digests.begin(), image.digests.end(), name) != image.digests.end();
  };
  if (StoredImage* found = by(is_named)) return found;
  const std::string start =
      wanted.starts_with("sha256:") ? std::string(wanted) : "sha256:" + std::string(wanted);
  return wanted.find_first_not_of("0123456789abcdef", wanted.starts_with("sha256:") ? 7 : 0) ==
                 std::string::npos
             ? by([&start](const StoredImage& image) { return image.id.starts_with(start); })
             : nullptr;
}

std::string familiar(const std::string& name) {
  try {
    ImageReference reference = parse_image_reference(name);
    // A digest says all; a tag beside it is not kept.
    if (reference.digest) return familiar_name(reference.repository) + "@" + reference.digest->value;
    return familiar_name(reference.repository) + ":" + reference.tag.value_or("latest");
  } catch (const Error&) {
    return "";
  }
}

StoredImage& store_image(Core& core, const Image& image) {
  const std::string id = id_of(image).value;
  if (StoredImage* present = core.find_image(id)) return *present;
  core.images.push_back({.id = id, .image = image, .created = core.now()});
  return core.images.back();
}

void give_name(Core& core, StoredImage& image, const std::string& name) {
  for (StoredImage& other : core.images) std::erase(other.names, name);
  image.names.push_back(name);
  std::map<std::string, std::string> attributes = image.image.labels;
  attributes["name"] = name;
  core.emit("image", "tag", image.id, std::move(attributes));
}

Answer list_images(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"dangling", "label", "reference"}, {"before", "since", "until"});
  json list = json::array();
  for (auto image = core.images.rbegin(); image != core.images.rend(); ++image) {
    const bool dangling = image->names.empty();
    if (filters.contains("dangling") && filters.at("dangling").contains("true") != dangling) continue;
    if (!matches_labels(filters, "label", image->image.labels) || !has_reference(filters, *image)) continue;
    json shown{{"Containers", -1},
               {"Created", to_seconds(image->created)},
               {"Id", image->id},
               {"Labels", image->image.labels.empty() ? json() : json(image->image.labels)},
               {"ParentId", ""},
               {"RepoDigests", or_null(image->digests)},
               {"RepoTags", or_null(image->names)},
               {"SharedSize", -1},
               {"Size", image->image.size_bytes}};
    if (call.request.version < ApiVersion{1, 44}) shown["VirtualSize"] = image->image.size_bytes;
    list.push_back(std::move(shown));
  }
  return answer_json(list);
}

Answer inspect_image(Core& core, const Call& call) {
  const StoredImage& image = require_image(core, call.name, "no such image: {0}: No such image: {1}");
  json body{{"Id", image.id},
            {"RepoTags", image.names},
            {"RepoDigests", image.digests},
            {"Parent", ""},
            {"Comment", ""},
            {"Created", to_rfc3339(image.created)},
            {"DockerVersion", ""},
            {"Author", ""},
            {"Config", show_config(image)},
            {"Architecture", image.image.architecture},
            {"Os", "linux"},
            {"Size", image.image.size_bytes},
            {"GraphDriver", {{"Data", nullptr}, {"Name", "overlay2"}}},
            {"RootFS", {{"Type", "layers"}, {"Layers", layers_of(image)}}},
            {"Metadata", {{"LastTagTime", "0001-01-01T00:00:00Z"}}}};
  if (call.request.version < ApiVersion{1, 44}) body["VirtualSize"] = image.image.size_bytes;
  return answer_json(body);
}

Answer image_history(Core& core, const Call& call) {
  const StoredImage& image = require_image(core, call.name, "No such image: {1}");
  return answer_json(json::array({{{"Comment", ""},
                                   {"Created", to_seconds(image.created)},
                                   {"CreatedBy", "made by the fake engine"},
                                   {"Id", image.id},
                                   {"Size", image.image.size_bytes},
                                   {"Tags", or_null(image.names)}}}));
}

Answer tag_image(Core& core, const Call& call) {
  StoredImage& image = require_image(core, call.name, "No such image: {1}");
  const std::string tag = call.request.parameter("tag");
  const std::string name = familiar(call.request.parameter("repo") + (tag.empty() ? "" : ":" + tag));
  if (name.empty()) throw Refusal{500, "invalid reference format"};
  core.effect("image.tag", name);
  give_name(core, image, name);
  return answer_empty(201);
}

}  // namespace halcyon::docker_api::fake
