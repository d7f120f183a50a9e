#include "docker_api/docker_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/base64.hpp"
#include "docker_api/custom_headers.hpp"
#include "docker_api/go_json.hpp"
#include "docker_api/settings_file.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

constexpr std::string_view k_auth_variable = "DOCKER_AUTH_CONFIG";

/// Zero bytes around a password are dropped: so does the CLI.
std::string_view trim_zeros(std::string_view text) {
  constexpr std::string_view k_zero("\0", 1);
  const std::size_t first = text.find_first_not_of(k_zero);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_zero) - first + 1);
}

/// Splits the field `auth` into user name and password.
void decode_auth(const GoJson& text, const std::string& key, const Secret& auth,
                 RegistryCredentials& account) {
  const std::optional<Secret> decoded = decode_base64_secret(auth.reveal());
  const std::string_view plain = decoded ? decoded->reveal() : "";
  const std::size_t colon = plain.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    text.refuse(fmt::format("auth of {} is not base64 of user:password", key));
  }
  account.username = plain.substr(0, colon);
  account.password = Secret(trim_zeros(plain.substr(colon + 1)));
}

RegistryCredentials parse_account(const GoJson& text, const json& auths, const std::string& key) {
  const json& entry = text.get_object(auths, key);
  RegistryCredentials account{.username = text.get_text(entry, "username"),
                              .password = text.get_secret(entry, "password"),
                              .server_address = key,
                              .identity_token = text.get_secret(entry, "identitytoken"),
                              .registry_token = text.get_secret(entry, "registrytoken")};
  const Secret auth = text.get_secret(entry, "auth");
  if (!auth.empty()) decode_auth(text, key, auth, account);
  return account;
}

void allow_only(const GoJson& text, const json& object, std::string_view allowed) {
  for (const auto& [name, value] : object.items()) {
    if (name != allowed) text.refuse(fmt::format("a field other than \"{}\" is not allowed there", allowed));
  }
}

}  // namespace

std::string find_docker_config_directory(const Surroundings& surroundings) {
  std::string directory = surroundings.variable("DOCKER_CONFIG");
  if (directory.empty() && !surroundings.home.empty()) directory = surroundings.home + "/.docker";
  return directory;
}

DockerConfig parse_docker_config(std::string_view file_text, const std::string& path) {
  const GoJson text(file_text, {path, "correct the file, or move it away and run docker login again"});
  const json& root = text.root();
  DockerConfig config;
  const json& auths = text.get_object(root, "auths");
  for (const auto& [key, entry] : auths.items()) config.auths.emplace(key, parse_account(text, auths, key));
  config.credentials_store = text.get_text(root, "credsStore");
  config.credential_helpers = text.get_texts(root, "credHelpers");
  config.current_context = text.get_text(root, "currentContext");
  config.http_headers = check_headers(text.get_texts(root, "HttpHeaders"), path);
  return config;
}

DockerConfig read_docker_config(const Surroundings& surroundings) {
  DockerConfig config;
  const std::string directory = find_docker_config_directory(surroundings);
  if (directory.empty()) return config;
  const std::string path = directory + "/config.json";
  if (std::optional<std::string> text = find_settings_file(path)) {
    const CleanseAtEnd cleanse_text(*text);
    config = parse_docker_config(*text, path);
  }
  config.directory = directory;
  return config;
}

RegistryAccounts parse_auth_config(std::string_view variable_text) {
  const GoJson text(variable_text, {std::string(k_auth_variable), "correct the variable or unset it"});
  allow_only(text, text.root(), "auths");
  RegistryAccounts accounts;
  const json& auths = text.get_object(text.root(), "auths");
  for (const auto& [key, entry] : auths.items()) {
    allow_only(text, text.get_object(auths, key), "auth");
    RegistryCredentials account = parse_account(text, auths, key);
    if (account.username.empty()) text.refuse(fmt::format("auth of {} is missing", key));
    accounts.emplace(key, std::move(account));
  }
  return accounts;
}

std::vector<HttpHeader> find_custom_headers(const Surroundings& surroundings, const DockerConfig& config) {
  std::vector<HttpHeader> headers = parse_custom_headers(surroundings.variable("DOCKER_CUSTOM_HEADERS"));
  return headers.empty() ? config.http_headers : headers;
}

}  // namespace halcyon::docker_api
