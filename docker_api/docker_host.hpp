// What people write behind -H and into DOCKER_HOST. Pure; private to docker_api.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// Spells out an engine's host the way the CLI does: white space trimmed, "unix://" is the default socket,
/// without a scheme it is tcp, and tcp gets localhost and port 2375 where they are missing.
///
/// Shape:  "" -> "", "prod:2376" -> "tcp://prod:2376", "tcp://:2376" -> "tcp://localhost:2376"; unix, ssh, fd
/// and
///         npipe as found.
/// Errors: invalid_argument for another scheme, a second scheme, a port that is no number, a user in a tcp
/// host. Source: docker/cli opts/hosts.go, ParseHost.
std::string complete_docker_host(std::string_view text);

/// The address for a message: if a password may be in it, what stands before the last '@' is "...".
std::string without_password(std::string_view address);

}  // namespace halcyon::docker_api
