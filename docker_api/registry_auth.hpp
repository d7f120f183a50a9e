// Credentials for registries and the two headers that carry them to the engine. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "docker_api/secret.hpp"

namespace halcyon::docker_api {

/// Credentials for one registry. Sent only in X-Registry-Auth and X-Registry-Config, as base64url with
/// padding (G26).
struct RegistryCredentials {
  std::string username;
  Secret password;
  std::string server_address;
  /// What `docker login` got from a registry that gives tokens; the engine prefers it to the password.
  Secret identity_token = {};
  /// A bearer token for the registry itself, taken instead of an account.
  Secret registry_token = {};

  bool operator==(const RegistryCredentials&) const = default;
};

/// The value of X-Registry-Auth: `{}` encoded if there are no credentials, because old engines insist on the
/// header for a push.
///
/// Shape:  base64url of {"identitytoken", "password", "registrytoken", "serveraddress", "username"}; what is
/// empty is left out. Errors: invalid_argument for a field that is not UTF-8. Source: Engine API,
/// "Authentication"; moby api/types/registry AuthConfig.
Secret encode_registry_auth(const std::optional<RegistryCredentials>& credentials);

/// The value of X-Registry-Config: for a build, which may pull from several registries.
///
/// Shape:  base64url of a map from registry ("r.io", "https://index.docker.io/v1/") to the object above.
/// Errors: as encode_registry_auth.
Secret encode_registry_config(const std::map<std::string, RegistryCredentials>& credentials);

}  // namespace halcyon::docker_api
