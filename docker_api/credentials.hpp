// Finds the credentials that `docker` would use for a registry.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/docker_config.hpp"
#include "docker_api/registry_auth.hpp"
#include "docker_api/surroundings.hpp"

namespace halcyon::docker_api {

/// The key of a registry in all stores: Docker Hub ("docker.io", "index.docker.io") is
/// "https://index.docker.io/v1/", every other is its own host.
std::string credentials_key(std::string_view registry);

/// The host of a stored key, "https://r.io:5000/v1/" -> "r.io:5000": how legacy entries are matched.
std::string host_of_stored_key(std::string_view key);

/// Finds the entry of `key` in a file's `auths`, by itself or by host. Nothing if it holds nothing.
std::optional<RegistryCredentials> find_stored_credentials(const RegistryAccounts& accounts,
                                                           const std::string& key);

/// The helper that is asked for `key`; empty: none, the file itself counts.
///
/// Shape:  credHelpers[key] (empty there: none), else credsStore, else - if config.json knows of no account
/// at
///         all - "pass" or "secretservice", if that is installed: what the CLI calls the default store.
std::string choose_credential_helper(const Surroundings& surroundings, const DockerConfig& config,
                                     const std::string& key);

/// Finds the credentials for `registry` ("docker.io", "127.0.0.1:5000": ImageReference::registry()).
///
/// Shape:  DOCKER_AUTH_CONFIG by exact key; else, if there is a helper, its answer and nothing but that; else
///         `auths`.
/// Units:  `deadline` is for the helper's whole run; the CLI has none.
/// Errors: invalid_argument for a malformed DOCKER_AUTH_CONFIG and for a helper that is absent or fails,
/// timeout,
///         cancelled; none of them shows a secret.
/// Source: docker/cli cli/config/configfile/file.go, GetAuthConfig;
/// third_party_docs/docker_cli_configuration.md.
boost::asio::awaitable<std::optional<RegistryCredentials>> find_credentials(
    Surroundings surroundings, DockerConfig config, std::string registry,
    std::chrono::milliseconds deadline = std::chrono::seconds{30});

}  // namespace halcyon::docker_api
