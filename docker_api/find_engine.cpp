#include "docker_api/find_engine.hpp"

#include <fmt/format.h>

#include "docker_api/docker_config.hpp"
#include "docker_api/docker_context.hpp"
#include "docker_api/docker_host.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_default_tls_host = "tcp://localhost:2376";

/// The CLI's resolveContextName.
std::string choose_context(const Surroundings& surroundings, const EngineWishes& wishes,
                           const DockerConfig& config) {
  if (std::string wished = wishes.context.value_or(""); !wished.empty()) return wished;
  if (wishes.host || !surroundings.variable("DOCKER_HOST").empty()) return std::string(k_default_context);
  if (std::string name = surroundings.variable("DOCKER_CONTEXT"); !name.empty()) return name;
  return config.current_context.empty() ? std::string(k_default_context) : config.current_context;
}

struct SocketCandidate {
  std::string path;
  std::string_view kind;
};

std::vector<SocketCandidate> list_candidates(const Surroundings& surroundings) {
  const std::string runtime = surroundings.variable("XDG_RUNTIME_DIR");
  const std::string user_runtime = fmt::format("/run/user/{}", surroundings.uid);
  std::vector<SocketCandidate> candidates;
  const auto add = [&](const std::string& directory, std::string_view name, std::string_view kind) {
    if (directory.starts_with('/')) candidates.push_back({fmt::format("{}/{}", directory, name), kind});
  };
  add(runtime, "docker.sock", "rootless socket");
  add(surroundings.home, ".docker/run/docker.sock", "rootless socket");
  add(surroundings.home, ".docker/desktop/docker.sock", "rootless socket");
  add(user_runtime, "docker.sock", "rootless socket");
  add(runtime, "podman/podman.sock", "Podman socket");
  add(user_runtime, "podman/podman.sock", "Podman socket");
  add("/run", "podman/podman.sock", "Podman socket");
  return candidates;
}

EngineChoice choose_socket(const Surroundings& surroundings) {
  EngineChoice fallback{.host = std::string(k_default_engine_address), .origin = "default socket"};
  if (surroundings.has_socket(std::string(k_default_engine_address.substr(k_unix_scheme.size()))))
    return fallback;
  for (const auto& [path, kind] : list_candidates(surroundings)) {
    if (surroundings.has_socket(path)) {
      return {.host = fmt::format("{}{}", k_unix_scheme, path), .origin = fmt::format("{} {}", kind, path)};
    }
  }
  return fallback;
}

TlsSettings choose_tls(const Surroundings& surroundings, const DockerConfig& config) {
  std::string directory = surroundings.variable("DOCKER_CERT_PATH");
  if (directory.empty()) directory = config.directory;
  const auto find = [&](std::string_view name) {
    const std::string path = fmt::format("{}/{}", directory, name);
    return !directory.empty() && surroundings.exists(path) ? path : "";
  };
  TlsSettings files{.ca_file = find("ca.pem"),
                    .certificate_file = find("cert.pem"),
                    .key_file = find("key.pem"),
                    .verify = !surroundings.variable("DOCKER_TLS_VERIFY").empty()};
  if (files.ca_file.empty()) {
    throw Error(
        {.kind = ErrorKind::invalid_argument,
         .endpoint = "TLS",
         .explanation = fmt::format("there is no {}/ca.pem; put the authority that signed the engine's "
                                    "certificate there, or set DOCKER_CERT_PATH to where it is",
                                    directory)});
  }
  // One without the other is no identity; the CLI does without both.
  if (files.certificate_file.empty() || files.key_file.empty()) files.certificate_file = files.key_file = "";
  return files;
}

/// The CLI's resolveDefaultDockerEndpoint; without host and TLS also our search for sockets.
EngineChoice choose_default(const Surroundings& surroundings, const EngineWishes& wishes,
                            const DockerConfig& config) {
  const std::string tls_variable =
      !surroundings.variable("DOCKER_TLS_VERIFY").empty() ? "DOCKER_TLS_VERIFY" : "DOCKER_TLS";
  const bool has_tls = !surroundings.variable(tls_variable).empty();
  EngineChoice choice{
      .host = complete_docker_host(wishes.host ? *wishes.host : surroundings.variable("DOCKER_HOST")),
      .origin = wishes.host ? "--host" : "DOCKER_HOST"};
  if (choice.host.empty()) {
    if (!has_tls) return choose_socket(surroundings);
    choice = {.host = std::string(k_default_tls_host), .origin = tls_variable};
  }
  if (has_tls && choice.host.starts_with(k_tcp_scheme)) choice.tls = choose_tls(surroundings, config);
  return choice;
}

EngineChoice choose_stored(const DockerConfig& config, const std::string& name) {
  DockerContext context = inspect_context(config.directory, name);
  EngineChoice choice{.host = std::move(context.host), .origin = fmt::format("context \"{}\"", name)};
  if (choice.host.empty()) choice.host = k_default_engine_address;
  if (choice.host.starts_with(k_tcp_scheme)) choice.tls = std::move(context.tls);
  return choice;
}

}  // namespace

EngineChoice find_engine(const Surroundings& surroundings, const EngineWishes& wishes) {
  if (wishes.host && !wishes.context.value_or("").empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "engine address",
                 .explanation = "both a host and a context were asked for; leave one out"});
  }
  const DockerConfig config = read_docker_config(surroundings);
  const std::string context = choose_context(surroundings, wishes, config);
  EngineChoice choice = context == k_default_context ? choose_default(surroundings, wishes, config)
                                                     : choose_stored(config, context);
  choice.headers = find_custom_headers(surroundings, config);
  return choice;
}

EngineAddress address_of(const EngineChoice& choice) {
  return parse_engine_address(choice.host, {.tls = choice.tls, .plain_tcp_anywhere = true});
}

}  // namespace halcyon::docker_api
