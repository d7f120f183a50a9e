// POST /auth: asks a registry, through the engine, whether credentials are right.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "docker_api/images.hpp"

namespace halcyon::docker_api {

/// What the registry said about an account.
struct AuthResult {
  std::string status;     ///< for people: "Login Succeeded"
  Secret identity_token;  ///< to be used instead of the password if not empty
};
/// Shape:  POST /auth {"username","password","serveraddress"}.
/// Errors: unauthorized if the registry refuses them (from 20.10 refused, 500, if the registry uses basic
///         authentication); refused if it cannot be reached, and from Podman if it speaks plain HTTP. No
///         text of ours holds the password.
boost::asio::awaitable<AuthResult> check_credentials(Engine& engine, RegistryCredentials credentials);

}  // namespace halcyon::docker_api
