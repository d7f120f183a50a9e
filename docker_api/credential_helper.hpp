// Asks a docker-credential-... program. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/registry_auth.hpp"
#include "docker_api/surroundings.hpp"

namespace halcyon::docker_api {

/// Runs `docker-credential-<name> get` with `server` on its standard input; no shell, standard error to
/// /dev/null.
///
/// Shape:  answer {"ServerURL", "Username", "Secret"}; the user name "<token>" makes the secret an identity
///         token. Nothing if it says that it has no credentials.
/// Errors: invalid_argument: no name of a program, not on PATH, another failure, no such JSON, an answer over
///         64 KiB; timeout; cancelled. Never with any of its output, which may be secret. Killed and reaped
///         in all cases.
/// Source: docker-credential-helpers client/client.go; docker/cli cli/config/credentials/native_store.go.
boost::asio::awaitable<std::optional<RegistryCredentials>> ask_credential_helper(
    Surroundings surroundings, std::string name, std::string server, std::chrono::milliseconds deadline);

/// What `program` said of `server`.
///
/// Errors: invalid_argument for what is no such JSON; never with any of it.
std::optional<RegistryCredentials> parse_helper_answer(const std::string& program, const std::string& server,
                                                       std::string_view output);

}  // namespace halcyon::docker_api
