#include "docker_api/docker_context.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/go_json.hpp"
#include "docker_api/settings_file.hpp"

namespace halcyon::docker_api {
namespace {

[[noreturn]] void refuse_context(std::string_view name, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = fmt::format("docker context \"{}\"", name),
               .explanation = std::string(why)});
}

/// The path if something is there, else empty.
std::string find_path(const std::string& path, std::string_view name) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return path;
  if (error) refuse_context(name, fmt::format("{} cannot be looked at: {}", path, error.message()));
  return {};
}

std::optional<TlsSettings> find_tls(const std::string& directory, bool skip_verify, std::string_view name) {
  const bool has_directory = !find_path(directory, name).empty();
  if (!has_directory && !skip_verify) return std::nullopt;
  TlsSettings files{.verify = !skip_verify};
  if (!has_directory) return files;
  files.ca_file = find_path(directory + "/ca.pem", name);
  files.certificate_file = find_path(directory + "/cert.pem", name);
  files.key_file = find_path(directory + "/key.pem", name);
  // One without the other is no identity; the CLI does without both.
  if (files.certificate_file.empty() || files.key_file.empty()) files.certificate_file = files.key_file = "";
  return files;
}

}  // namespace

bool is_context_name(std::string_view name) noexcept {
  constexpr std::string_view k_marks = "_.+-";
  const auto is_letter = [](char c) { return (c & 0x80) == 0 && std::isalnum(c) != 0; };
  return name.size() >= 2 && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || k_marks.find(c) != std::string_view::npos;
         });
}

std::string context_directory_name(std::string_view name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(name.data(), name.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    refuse_context(name, "cannot be looked up: OpenSSL has no SHA-256; check the installation of libssl");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest.at(i));
  return text;
}

DockerContext inspect_context(const std::string& config_directory, const std::string& name) {
  if (!is_context_name(name)) {
    refuse_context(name,
                   "is no name of a context: two or more of a-z A-Z 0-9 _ . + -, a letter or digit first");
  }
  if (name == k_default_context) refuse_context(name, "is in no store; it is what DOCKER_HOST says");
  if (config_directory.empty())
    refuse_context(name, "nobody knows the home directory; set HOME or DOCKER_CONFIG");
  const std::string id = context_directory_name(name);
  const std::string path = fmt::format("{}/contexts/meta/{}/meta.json", config_directory, id);
  const std::optional<std::string> text = find_settings_file(path);
  if (!text) {
    refuse_context(name, fmt::format("there is no {}; docker context ls shows those that exist", path));
  }
  const GoJson meta(*text, {path, fmt::format("remove and create the context \"{}\" again", name)});
  const nlohmann::json& endpoints = meta.get_object(meta.root(), "Endpoints");
  if (!endpoints.contains("docker")) meta.refuse("Endpoints names no \"docker\"");
  const nlohmann::json& endpoint = meta.get_object(endpoints, "docker");
  return {.name = name,
          .host = meta.get_text(endpoint, "Host"),
          .tls = find_tls(fmt::format("{}/contexts/tls/{}/docker", config_directory, id),
                          meta.get_flag(endpoint, "SkipTLSVerify"), name)};
}

}  // namespace halcyon::docker_api
