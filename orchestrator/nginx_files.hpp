// What nginx is told, as text made from typed values only. Pure: no free text from the configuration reaches
// it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/names.hpp"

namespace halcyon::orchestrator {

/// Who answers for one slot. The two may differ: a release can bring another port or more replicas.
struct NginxUpstream {
  std::vector<std::string> addresses;  ///< literal IPv4, one a replica
  std::uint16_t port = 0;
};

/// One web service as nginx must know it.
struct NginxService {
  Name name;
  std::vector<std::string> routes;
  NginxUpstream blue;
  NginxUpstream green;
  Slot active = Slot::blue;  ///< matters with SwitchWay::reload only
};

inline const NginxUpstream& upstream_in(const NginxService& service, Slot slot) noexcept {
  return slot == Slot::blue ? service.blue : service.green;
}

/// Everything the files depend on. Equal declarations give equal bytes.
struct NginxDeclaration {
  Name app;
  Name environment;
  std::string domain;
  Nginx settings;
  std::string
      gate_directory;       ///< absolute; flags are <gate>/slots/<service>.green, the canary is <gate>/canary
  std::string access_log;   ///< absolute path
  std::string probe_token;  ///< hex; a request that carries it in X-Halcyon-Probe gets the X-Halcyon header
  std::vector<NginxService> services;
};

struct NginxFile {
  std::string name;  ///< within gate/: "managed.conf", or "http.conf", "server.conf", "location_web.conf"
  std::string content;
};

/// Renders all files. The generation is compiled in, so that an answer shows which files nginx has loaded.
///
/// Errors: Error usage if a value is outside the closed grammar (checked again here although configuration
/// checked it:
///         a newline or a brace in a domain must never get this far).
std::vector<NginxFile> render_nginx_files(const NginxDeclaration& declaration);

/// 16 hex digits over everything in the declaration.
std::string nginx_generation(const NginxDeclaration& declaration);

/// What nginx itself answers to a probe for its state, whatever the application does:
/// `generation=0123456789abcdef gate=1 slots=api:green,web:blue`.
struct StateHeader {
  std::string generation;
  bool gate_readable = false;                ///< nginx's workers can see the canary
  std::map<std::string, std::string> slots;  ///< service -> the flag's meaning as nginx evaluated it
};
std::optional<StateHeader> parse_state_header(std::string_view value);

/// What the X-Halcyon response header says of a request that went to a service: `generation=0123456789abcdef
/// gate=1 slot=green upstream=10.201.7.24:8000`.
struct ProbeHeader {
  std::string generation;
  bool gate_readable = false;          ///< nginx's workers can see the canary
  std::string slot;                    ///< the flag's meaning as nginx evaluated it
  std::vector<std::string> upstreams;  ///< every server that was tried, last one answered
};
std::optional<ProbeHeader> parse_probe_header(std::string_view value);

inline constexpr std::string_view k_probe_request_header = "X-Halcyon-Probe";
inline constexpr std::string_view k_probe_response_header = "X-Halcyon";
/// What X-Halcyon-Probe holds if nginx is to answer itself, with its state.
std::string state_probe_value(std::string_view token);

}  // namespace halcyon::orchestrator
