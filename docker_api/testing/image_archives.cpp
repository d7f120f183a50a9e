// Images as archives: load, save, import.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/dockerfile.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/image_names.hpp"
#include "docker_api/testing/message_lines.hpp"
#include "docker_api/testing/tar_files.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

/// Our own configuration file: enough to get the same image back.
json write_image(const Image& image) {
  return {{"command", image.command},
          {"entrypoint", image.entrypoint},
          {"environment", image.environment},
          {"labels", image.labels},
          {"user", image.user},
          {"working_dir", image.working_dir},
          {"stop_signal", image.stop_signal},
          {"ports", image.exposed_ports},
          {"healthcheck", image.healthcheck},
          {"content", image.content},
          {"size", image.size_bytes},
          {"architecture", image.architecture}};
}

Image read_image(const json& text, const std::map<std::string, File>& files) {
  Image image{.command = text.at("command"),
              .entrypoint = text.at("entrypoint"),
              .environment = text.at("environment"),
              .labels = text.at("labels"),
              .user = text.at("user"),
              .working_dir = text.at("working_dir"),
              .stop_signal = text.at("stop_signal"),
              .exposed_ports = text.at("ports"),
              .healthcheck = text.at("healthcheck"),
              .content = text.at("content"),
              .size_bytes = text.at("size"),
              .architecture = text.at("architecture")};
  constexpr std::string_view k_start = "/layer";
  for (const auto& [name, file] : files) {
    if (name.starts_with("/layer/")) image.files[name.substr(k_start.size())] = file;
  }
  return image;
}

}  // namespace

Answer load_images(Core& core, const Call& call) {
  Answer answer{.headers = {{"Content-Type", "application/json"}}};
  const auto files = read_tar(call.request.body);
  if (!files) {
    answer.messages = {error_line("archive/tar: invalid tar header")};
    return answer;
  }
  const auto manifest = files->find("/manifest.json");
  if (manifest == files->end()) {
    answer.messages = {
        error_line("open /var/lib/docker/tmp/docker-import/repositories: no such file or directory")};
    return answer;
  }
  const json list = json::parse(manifest->second.content, nullptr, false);
  if (!list.is_array() || list.empty() || !files->contains(absolute_path(list[0].value("Config", "")))) {
    answer.messages = {error_line("invalid character in manifest.json")};
    return answer;
  }
  const json config =
      json::parse(files->at(absolute_path(list[0].value("Config", ""))).content, nullptr, false);
  if (!config.is_object() || !config.contains("healthcheck")) {
    answer.messages = {error_line("the fake engine loads only what it has saved")};
    return answer;
  }
  const Image image = read_image(config, *files);
  core.effect("image.load", id_of(image).value);
  StoredImage& stored = store_image(core, image);
  for (const json& name : list[0].at("RepoTags")) {
    give_name(core, stored, name);
    answer.messages.push_back(
        json{{"stream", fmt::format("Loaded image: {}\n", name.get<std::string>())}}.dump() + "\r\n");
  }
  return answer;
}

Answer save_image(Core& core, const Call& call) {
  std::string name = call.name;
  if (name.empty()) name = call.request.parameter("names");
  const StoredImage* image = core.find_image(name);
  if (image == nullptr) throw Refusal{404, "reference does not exist"};
  const std::string config = image->id.substr(7) + ".json";
  const bool by_id = familiar(name).empty();
  const json manifest = json::array({{{"Config", config},
                                      {"RepoTags", by_id ? json::array() : json::array({familiar(name)})},
                                      {"Layers", json::array()}}});
  std::map<std::string, File> files{{"manifest.json", {manifest.dump()}},
                                    {config, {write_image(image->image).dump()}}};
  for (const auto& [path, file] : image->image.files) files["layer" + path] = file;
  return {.headers = {{"Content-Type", "application/x-tar"}}, .body = write_tar(files)};
}

Answer import_image(Core& core, const Call& call) {
  if (call.request.parameter("fromSrc") != "-") throw Refusal{501, "the fake engine imports the body only"};
  auto files = read_tar(call.request.body);
  if (!files) throw Refusal{500, "archive/tar: invalid tar header"};
  Image image{.files = std::move(*files)};
  for (const auto& [key, value] : call.request.query) {
    if (key != "changes") continue;
    for (const Instruction& instruction : parse_dockerfile(value)) apply_instruction(instruction, image);
  }
  const std::string repository = call.request.parameter("repo");
  const std::string tag = call.request.parameter("tag");
  const std::string name = repository.empty() ? "" : familiar(repository + (tag.empty() ? "" : ":" + tag));
  core.effect("image.import", name);
  StoredImage& stored = store_image(core, image);
  if (!name.empty()) give_name(core, stored, name);
  return {.headers = {{"Content-Type", "application/json"}},
          .messages = {json{{"status", stored.id}}.dump() + "\r\n"}};
}

}  // namespace halcyon::docker_api::fake
