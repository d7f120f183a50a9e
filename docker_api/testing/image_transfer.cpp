// Between the engine and the registries: pull, push, distribution.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/image_names.hpp"
#include "docker_api/testing/message_lines.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

ImageReference read_reference(const std::string& name) {
  try {
    ImageReference reference = parse_image_reference(name);
    if (!reference.tag && !reference.digest) reference.tag = "latest";
    return reference;
  } catch (const Error&) {
    throw Refusal{400, fmt::format("invalid reference format: {}", name)};
  }
}

/// As people write it: "127.0.0.1:5000/x:1".
std::string show_reference(const ImageReference& reference) {
  const std::string name = familiar_name(reference.repository);
  return reference.digest ? name + "@" + reference.digest->value
                          : name + ":" + reference.tag.value_or("latest");
}

void require_entry(const Core& core, const Request& request, const ImageReference& reference) {
  const std::string registry = reference.registry();
  if (!core.registries.is_reachable(registry)) {
    throw Refusal{500,
                  fmt::format("Get \"http://{0}/v2/\": dial tcp {0}: connect: connection refused", registry)};
  }
  const std::string auth = request.header("X-Registry-Auth");
  if (core.registries.may_enter(registry, auth)) return;
  const bool anonymous = auth.empty() || auth == "e30=";
  throw Refusal{
      500, fmt::format("Head \"http://{}/v2/{}/manifests/{}\": {}", registry,
                       reference.repository.substr(registry.size() + 1), reference.tag.value_or("latest"),
                       anonymous ? "no basic auth credentials" : "unauthorized: authentication required")};
}

std::string not_found_text(const ImageReference& reference) {
  if (reference.registry() == "docker.io") {
    return fmt::format(
        "pull access denied for {}, repository does not exist or may require 'docker login': denied: "
        "requested access to the resource is denied",
        familiar_name(reference.repository));
  }
  return fmt::format("manifest for {} not found: manifest unknown: manifest unknown",
                     show_reference(reference));
}

std::vector<std::string> progress_of(const std::string& id, std::uint64_t size) {
  const std::string layer = short_id(sha256_hex("layer of " + id));
  return {message_line({{"status", "Pulling fs layer"}, {"progressDetail", json::object()}, {"id", layer}}),
          message_line({{"status", "Downloading"},
                        {"progressDetail", {{"current", size / 2}, {"total", size}}},
                        {"progress", "[=====>     ]"},
                        {"id", layer}}),
          message_line({{"status", "Download complete"}, {"progressDetail", json::object()}, {"id", layer}}),
          message_line({{"status", "Extracting"},
                        {"progressDetail", {{"current", size}, {"total", size}}},
                        {"progress", "[==========>]"},
                        {"id", layer}}),
          message_line({{"status", "Pull complete"}, {"progressDetail", json::object()}, {"id", layer}})};
}

Answer stream_of(std::vector<std::string> messages) {
  return {.headers = {{"Content-Type", "application/json"}}, .messages = std::move(messages)};
}

/// The registry's scripted failure: a status, or an error behind some messages.
Answer fail_as_scripted(const RegistryFailure& failure, std::vector<std::string> messages) {
  if (!failure.after_messages) throw Refusal{failure.status, failure.text};
  messages.resize(std::min(messages.size(), static_cast<std::size_t>(*failure.after_messages)));
  messages.push_back(error_line(failure.text));
  return stream_of(std::move(messages));
}

Answer pull(Core& core, const Call& call, const ImageReference& reference) {
  const std::string path = reference.repository.substr(reference.registry().size() + 1);
  std::vector<std::string> messages{
      message_line({{"status", "Pulling from " + path},
                    {"id", reference.digest ? show_reference(reference) : *reference.tag}})};
  const RegistryFailure* const failure = core.registries.find_failure(reference);
  const auto progress = progress_of(reference.repository, 1'000'000);
  if (failure != nullptr) {
    messages.insert(messages.end(), progress.begin(), progress.end());
    return fail_as_scripted(*failure, std::move(messages));
  }
  require_entry(core, call.request, reference);
  const Image* const offered = core.registries.find(reference);
  if (offered == nullptr) throw Refusal{404, not_found_text(reference)};
  core.effect("image.pull", show_reference(reference));
  const bool is_new = core.find_image(id_of(*offered).value) == nullptr;
  StoredImage& image = store_image(core, *offered);
  const std::string digest = digest_of(*offered).value;
  const std::string pinned = familiar_name(reference.repository) + "@" + digest;
  if (std::find(image.digests.begin(), image.digests.end(), pinned) == image.digests.end()) {
    image.digests.push_back(pinned);
  }
  const std::string name = show_reference(reference);
  if (!reference.digest && std::find(image.names.begin(), image.names.end(), name) == image.names.end()) {
    for (StoredImage& other : core.images) std::erase(other.names, name);
    image.names.push_back(name);
  }
  std::map<std::string, std::string> attributes = image.image.labels;
  attributes["name"] = familiar_name(reference.repository);
  core.emit("image", "pull", name, std::move(attributes));
  if (is_new) messages.insert(messages.end(), progress.begin(), progress.end());
  messages.push_back(message_line({{"status", "Digest: " + digest}}));
  messages.push_back(message_line(
      {{"status",
        fmt::format("Status: {} for {}", is_new ? "Downloaded newer image" : "Image is up to date", name)}}));
  return stream_of(std::move(messages));
}

}  // namespace

Answer create_image(Core& core, const Call& call) {
  if (call.request.has_parameter("fromSrc")) return import_image(core, call);
  const std::string from = call.request.parameter("fromImage");
  if (from.empty()) throw Refusal{500, "Get \"http:\": http: no Host in request URL"};
  const std::string tag = call.request.parameter("tag");
  if (tag.empty()) throw Refusal{501, "the fake engine does not pull all tags: give one"};
  return pull(core, call, read_reference(from + (tag.find(':') == std::string::npos ? ":" : "@") + tag));
}

Answer push_image(Core& core, const Call& call) {
  if (call.request.header("X-Registry-Auth").empty()) {
    throw Refusal{400, "Bad parameters and missing X-Registry-Auth: EOF"};
  }
  const std::string tag = call.request.parameter("tag");
  const ImageReference reference = read_reference(call.name + (tag.empty() ? "" : ":" + tag));
  std::vector<std::string> messages{
      message_line({{"status", fmt::format("The push refers to repository [{}]", reference.repository)}})};
  StoredImage* const image = core.find_image(show_reference(reference));
  if (image == nullptr) {
    messages.push_back(error_line("tag does not exist: " + show_reference(reference)));
    return stream_of(std::move(messages));
  }
  const std::string layer = short_id(sha256_hex("layer of " + image->id));
  messages.push_back(
      message_line({{"status", "Preparing"}, {"progressDetail", json::object()}, {"id", layer}}));
  if (const RegistryFailure* failure = core.registries.find_failure(reference)) {
    return fail_as_scripted(*failure, std::move(messages));
  }
  try {
    require_entry(core, call.request, reference);
  } catch (const Refusal& refusal) {
    messages.push_back(error_line(refusal.message));
    return stream_of(std::move(messages));
  }
  core.effect("image.push", show_reference(reference));
  const std::string digest = core.registries.put(reference.to_string(), image->image).value;
  const std::string pinned = familiar_name(reference.repository) + "@" + digest;
  if (std::find(image->digests.begin(), image->digests.end(), pinned) == image->digests.end()) {
    image->digests.push_back(pinned);
  }
  messages.push_back(message_line({{"status", "Pushed"}, {"progressDetail", json::object()}, {"id", layer}}));
  messages.push_back(
      message_line({{"status", fmt::format("{}: digest: {} size: 739", *reference.tag, digest)}}));
  messages.push_back(message_line({{"progressDetail", json::object()},
                                   {"aux", {{"Tag", *reference.tag}, {"Digest", digest}, {"Size", 739}}}}));
  return stream_of(std::move(messages));
}

Answer inspect_distribution(Core& core, const Call& call) {
  const ImageReference reference = read_reference(call.name);
  if (const RegistryFailure* failure = core.registries.find_failure(reference)) {
    throw Refusal{failure->status, failure->text};
  }
  require_entry(core, call.request, reference);
  const Image* const image = core.registries.find(reference);
  if (image == nullptr) throw Refusal{404, "manifest unknown: manifest unknown"};
  return answer_json({{"Descriptor",
                       {{"mediaType", "application/vnd.docker.distribution.manifest.v2+json"},
                        {"digest", digest_of(*image).value},
                        {"size", 739}}},
                      {"Platforms", {{{"architecture", image->architecture}, {"os", "linux"}}}}});
}

}  // namespace halcyon::docker_api::fake
