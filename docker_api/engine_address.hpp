// Where an engine listens: the value behind DOCKER_HOST. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace halcyon::docker_api {

struct UnixAddress {
  std::string path;
  bool operator==(const UnixAddress&) const = default;
};

/// A literal IPv4 or IPv6 address and port; names are not resolved here.
struct TcpAddress {
  std::string ip;
  std::uint16_t port = 0;
  bool operator==(const TcpAddress&) const = default;
};

using EngineAddress = std::variant<UnixAddress, TcpAddress>;

inline constexpr std::string_view k_default_engine_address = "unix:///var/run/docker.sock";

/// Parses the value of DOCKER_HOST.
///
/// Shape:  unix:///path, tcp://127.0.0.1:2375, tcp://[::1]:2375, tcp://localhost:2375.
/// Errors: invalid_argument for an unknown scheme (ssh, npipe, https), a path over 107 bytes, a bad port,
///         and plain tcp to anything but loopback: without TLS that would give root on the engine's host
///         away.
/// Source: docker CLI reference, "Specify the daemon host"; sun_path in unix(7).
EngineAddress parse_engine_address(std::string_view text);

/// Writes the address the way parse_engine_address reads it.
std::string to_string(const EngineAddress& address);

}  // namespace halcyon::docker_api
