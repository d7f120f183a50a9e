// The Docker CLI's contexts: named engines with their certificates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "docker_api/tls_settings.hpp"

namespace halcyon::docker_api {

/// The name of the context that stands for "no context": it is in no store.
inline constexpr std::string_view k_default_context = "default";

/// A named engine of the Docker CLI.
struct DockerContext {
  std::string name;
  std::string host;                ///< as stored: "ssh://admin@prod"; empty: the default socket
  std::optional<TlsSettings> tls;  ///< nothing: no TLS
};

/// True for [a-zA-Z0-9][a-zA-Z0-9_.+-]+.
bool is_context_name(std::string_view name) noexcept;

/// Where a context lies in the store: the SHA-256 of its name, in lower-case hex.
std::string context_directory_name(std::string_view name);

/// Reads a context of the store in `config_directory`.
///
/// Shape:  contexts/meta/ID/meta.json, Endpoints.docker.{Host, SkipTLSVerify}; TLS if it is skipped or if
///         the directory contexts/tls/ID/docker is there, with what it holds of ca.pem, cert.pem and key.pem.
/// Errors: invalid_argument for a name that is none or reserved, an absent context, malformed meta.json.
/// Source: docker/cli cli/context/store, cli/context/docker.
DockerContext inspect_context(const std::string& config_directory, const std::string& name);

}  // namespace halcyon::docker_api
