#include "docker_api/testing/image.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/error.hpp"
#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::string describe_image(const Image& image) {
  json files = json::object();
  for (const auto& [name, file] : image.files) files[name] = {file.mode, sha256_hex(file.content)};
  return json{{"command", image.command},
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
              {"architecture", image.architecture},
              {"files", files}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

ImageReference parse_tagged(const std::string& text) {
  ImageReference reference = parse_image_reference(text);
  if (!reference.tag && !reference.digest) reference.tag = "latest";
  return reference;
}

}  // namespace

ImageId id_of(const Image& image) { return ImageId("sha256:" + sha256_hex(describe_image(image))); }

Digest digest_of(const Image& image) {
  return Digest("sha256:" + sha256_hex("manifest of " + id_of(image).value));
}

Digest Registries::put(const std::string& text, Image image) {
  const ImageReference reference = parse_tagged(text);
  Digest digest = digest_of(image);
  Repository& repository = repositories_[reference.repository];
  if (reference.tag) repository.tags[*reference.tag] = digest.value;
  repository.by_digest[digest.value] = std::move(image);
  return digest;
}

void Registries::remove_tag(const std::string& text) {
  const ImageReference reference = parse_tagged(text);
  repositories_[reference.repository].tags.erase(reference.tag.value_or("latest"));
}

void Registries::fail(const std::string& registry_or_repository, RegistryFailure failure) {
  failures_[registry_or_repository] = std::move(failure);
}

void Registries::clear_failures() { failures_.clear(); }

void Registries::require_login(const std::string& registry, std::string user, std::string password) {
  logins_[registry] = {std::move(user), std::move(password)};
}

const Image* Registries::find(const ImageReference& reference) const {
  const auto repository = repositories_.find(reference.repository);
  if (repository == repositories_.end()) return nullptr;
  std::string digest = reference.digest ? reference.digest->value : "";
  if (digest.empty()) {
    const auto tag = repository->second.tags.find(reference.tag.value_or("latest"));
    if (tag == repository->second.tags.end()) return nullptr;
    digest = tag->second;
  }
  const auto found = repository->second.by_digest.find(digest);
  return found == repository->second.by_digest.end() ? nullptr : &found->second;
}

bool Registries::is_reachable(const std::string& registry) const {
  return registry == "docker.io" || logins_.contains(registry) ||
         std::any_of(repositories_.begin(), repositories_.end(),
                     [start = registry + "/"](const auto& pair) { return pair.first.starts_with(start); });
}

const RegistryFailure* Registries::find_failure(const ImageReference& reference) const {
  const std::string tagged = reference.repository + ":" + reference.tag.value_or("latest");
  for (const std::string& key : {tagged, reference.repository, reference.registry()}) {
    const auto found = failures_.find(key);
    if (found != failures_.end()) return &found->second;
  }
  return nullptr;
}

bool Registries::may_enter(const std::string& registry, const std::string& auth_header) const {
  const auto login = logins_.find(registry);
  if (login == logins_.end()) return true;
  std::string standard = auth_header;
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  // Only the engine's own alphabet: the other one is another client's mistake, and is not forgiven.
  if (auth_header.find_first_of("+/") != std::string::npos) return false;
  const auto text = decode_base64(standard);
  if (!text) return false;
  const json given = json::parse(*text, nullptr, false);
  return given.is_object() && given.value("username", "") == login->second.user &&
         given.value("password", "") == login->second.password;
}

}  // namespace halcyon::docker_api::fake
