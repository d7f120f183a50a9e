// The Docker CLI's config.json and the variables that stand in for parts of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/http.hpp"
#include "docker_api/registry_auth.hpp"
#include "docker_api/surroundings.hpp"

namespace halcyon::docker_api {

/// Accounts by the key they are stored under: a host ("r.io:5000"), Docker Hub's
/// "https://index.docker.io/v1/", or a legacy address with scheme and path.
using RegistryAccounts = std::map<std::string, RegistryCredentials>;

/// What config.json says; all of it empty if there is no such file.
struct DockerConfig {
  std::string directory;          ///< where config.json and contexts/ are; may be empty
  RegistryAccounts auths;         ///< `auths`; an entry may be empty (a store has it)
  std::string credentials_store;  ///< `credsStore`, "pass" for docker-credential-pass
  std::map<std::string, std::string> credential_helpers;  ///< `credHelpers`, by key as above
  std::string current_context;                            ///< `currentContext`, set by `docker context use`
  std::vector<HttpHeader> http_headers;                   ///< `HttpHeaders`, checked
};

/// DOCKER_CONFIG, else ~/.docker; empty if the home directory is not known.
std::string find_docker_config_directory(const Surroundings& surroundings);

/// Reads config.json in that directory.
///
/// Errors: invalid_argument naming the file, the line or field, and the remedy; never with content. The CLI
///         only warns and goes on without the file: we would rather not deploy with half a configuration.
/// Source: docker/cli cli/config, cli/config/configfile; third_party_docs/docker_cli_configuration.md.
DockerConfig read_docker_config(const Surroundings& surroundings);

/// The pure part: `text` is config.json, `path` its name for messages.
DockerConfig parse_docker_config(std::string_view text, const std::string& path);

/// Parses DOCKER_AUTH_CONFIG.
///
/// Shape:  {"auths": {"r.io": {"auth": base64 of "user:password"}}}; no other field is allowed, as in the
/// CLI. Errors: invalid_argument, without content. The CLI warns and does without the variable.
RegistryAccounts parse_auth_config(std::string_view text);

/// The headers for every request to the engine: DOCKER_CUSTOM_HEADERS replaces those of the file altogether.
///
/// Errors: invalid_argument naming the header, never its value.
std::vector<HttpHeader> find_custom_headers(const Surroundings& surroundings, const DockerConfig& config);

}  // namespace halcyon::docker_api
