// Where an engine listens: the value behind DOCKER_HOST. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "docker_api/tls_settings.hpp"

namespace halcyon::docker_api {

/// A socket in the file system.
struct UnixAddress {
  std::string path;  ///< absolute, or from the current directory as with the docker CLI
  bool operator==(const UnixAddress&) const = default;
};

/// A host's name or literal address, and port.
struct TcpAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  std::optional<TlsSettings> tls = {};  ///< nothing: plain
  std::string path_prefix =
      {};  ///< before every call's path, of an engine behind a proxy: "/docker"; no slash at its end
  bool operator==(const TcpAddress&) const = default;
};

/// An engine behind an ssh server, spoken to through `docker system dial-stdio` there.
struct SshAddress {
  std::string user;  ///< empty: ssh's own choice
  std::string host;
  std::uint16_t port = 0;   ///< 0: ssh's own choice
  std::string socket_path;  ///< the engine's socket there; empty: that host's default
  bool operator==(const SshAddress&) const = default;
};

/// Where an engine or another server listens.
using EngineAddress = std::variant<UnixAddress, TcpAddress, SshAddress>;

/// What the text of a UnixAddress begins with.
inline constexpr std::string_view k_unix_scheme = "unix://";
/// What the text of a TcpAddress begins with.
inline constexpr std::string_view k_tcp_scheme = "tcp://";
/// Where an engine listens if nobody says anything else.
inline constexpr std::string_view k_default_engine_address = "unix:///var/run/docker.sock";
/// The port of tcp:// without TLS.
inline constexpr std::uint16_t k_plain_engine_port = 2375;
/// The port of tcp:// with TLS.
inline constexpr std::uint16_t k_tls_engine_port = 2376;

/// What goes with an address that its text does not say.
struct AddressRules {
  std::optional<TlsSettings> tls;   ///< for tcp://
  bool plain_tcp_anywhere = false;  ///< otherwise tcp without TLS is for loopback alone
};

/// Parses the value of DOCKER_HOST.
///
/// Shape:  unix:///path, tcp://HOST[:PORT][/PREFIX] (2375, with TLS 2376), tcp://[::1]:2375,
///         ssh://[USER@]HOST[:PORT][/path/of/docker.sock].
/// Errors: invalid_argument for an unknown scheme (npipe, fd), a path over 107 bytes, a bad port; an ssh URL
///         with a password, query or fragment, or parts that ssh would take for options; and plain tcp to
///         anything but loopback: without TLS that would give root on the engine's host away.
/// Source: docker CLI reference, "Specify the daemon host"; sun_path in unix(7).
EngineAddress parse_engine_address(std::string_view text, const AddressRules& rules = {});

/// True for tcp without TLS that leaves this host: anyone on the way is root on the engine's.
bool is_open_to_others(const EngineAddress& address);

/// Writes the address the way parse_engine_address reads it.
std::string to_string(const EngineAddress& address);

/// What the Host header says there: "10.0.0.5:2376", "[::1]:2375"; "localhost" where there is no host to
/// name.
std::string host_header(const EngineAddress& address);
/// What stands before the path of every call; mostly nothing.
std::string path_prefix(const EngineAddress& address);

}  // namespace halcyon::docker_api
