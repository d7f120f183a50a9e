// Finds the engine that `docker` would talk to, and one more if there is none: rootless and Podman sockets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "docker_api/engine_address.hpp"
#include "docker_api/http.hpp"
#include "docker_api/surroundings.hpp"
#include "docker_api/tls_settings.hpp"

namespace halcyon::docker_api {

/// What a user said on the command line; an empty context is none.
struct EngineWishes {
  std::optional<std::string> host;     ///< --host
  std::optional<std::string> context;  ///< --context
};

/// An engine, and who said that it is this one.
struct EngineChoice {
  std::string host;                 ///< "unix:///...", "tcp://...", "ssh://..."; not yet judged
  std::optional<TlsSettings> tls;   ///< only with tcp
  std::vector<HttpHeader> headers;  ///< for every request
  std::string origin;  ///< who said so, for messages: `DOCKER_HOST`, `context "prod"`, `default socket`
};

/// Decides which engine is meant; connects to nothing.
///
/// Shape:  --context; --host; DOCKER_HOST; DOCKER_CONTEXT; currentContext in config.json; the default socket.
/// If
///         that is absent: $XDG_RUNTIME_DIR/docker.sock, ~/.docker/run/docker.sock,
///         ~/.docker/desktop/docker.sock, /run/user/$UID/docker.sock, then Podman's podman/podman.sock in
///         $XDG_RUNTIME_DIR, /run/user/$UID and /run. If none exists it is the default socket after all.
///         A context "default" means: what --host or DOCKER_HOST says. A set DOCKER_TLS_VERIFY, even to "0",
///         or DOCKER_TLS gives tcp hosts TLS with the files in DOCKER_CERT_PATH or the configuration
///         directory, and is tcp://localhost:2376 alone; only the former verifies the engine.
/// Errors: invalid_argument: both --host and --context, an absent or malformed context, malformed
/// config.json,
///         a host that is none, no ca.pem although TLS was asked for, a malformed DOCKER_CUSTOM_HEADERS.
/// Source: docker/cli cli/command/cli.go, cli/flags/options.go; third_party_docs/docker_cli_configuration.md.
EngineChoice find_engine(const Surroundings& surroundings, const EngineWishes& wishes = {});

/// The address that a choice means. Plain tcp to any host is accepted, as the docker CLI does;
/// is_open_to_others() tells whether to warn. Errors: the others of parse_engine_address.
EngineAddress address_of(const EngineChoice& choice);

}  // namespace halcyon::docker_api
