#include "docker_api/engine_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <charconv>
#include <optional>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_unix_path_limit_bytes = 107;  // sun_path holds 108 with the final zero
constexpr std::string_view k_unix_scheme = "unix://";
constexpr std::string_view k_tcp_scheme = "tcp://";

[[noreturn]] void reject(std::string_view text, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "engine address",
               .explanation = fmt::format("\"{}\" {}", text, why)});
}

EngineAddress parse_unix(std::string_view text) {
  const std::string_view path = text.substr(k_unix_scheme.size());
  if (path.empty() || path.front() != '/')
    reject(text, "needs an absolute path, as in unix:///var/run/docker.sock");
  if (path.find('\0') != std::string_view::npos)
    reject(text.substr(0, text.find('\0')), "goes on after a zero byte");
  if (path.size() > k_unix_path_limit_bytes) {
    reject(text, fmt::format("has a path of {} bytes; a unix socket's path ends at {}: use a shorter one",
                             path.size(), k_unix_path_limit_bytes));
  }
  return UnixAddress{std::string(path)};
}

bool is_loopback(const std::string& ip) {
  in_addr v4{};
  if (inet_pton(AF_INET, ip.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, ip.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_ip(const std::string& ip) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, ip.c_str(), bytes) == 1 || inet_pton(AF_INET6, ip.c_str(), bytes) == 1;
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (error != std::errc{} || end != port.data() + port.size() || value == 0) {
    reject(text, "needs a port from 1 to 65535, as in tcp://127.0.0.1:2375");
  }
  return value;
}

/// Splits "host:port" and "[v6]:port"; host without the brackets.
std::pair<std::string, std::string_view> split_host_port(std::string_view text, std::string_view rest) {
  const bool bracketed = rest.starts_with('[');
  const std::size_t close = bracketed ? rest.find(']') : std::string_view::npos;
  const std::size_t colon =
      bracketed ? (close == std::string_view::npos ? close : close + 1) : rest.rfind(':');
  if (colon == std::string_view::npos || colon >= rest.size() || rest[colon] != ':') {
    reject(text, "needs a port from 1 to 65535, as in tcp://127.0.0.1:2375");
  }
  const std::string_view host = bracketed ? rest.substr(1, close - 1) : rest.substr(0, colon);
  if (!bracketed && host.find(':') != std::string_view::npos)
    reject(text, "needs brackets: tcp://[::1]:2375");
  return {std::string(host), rest.substr(colon + 1)};
}

EngineAddress parse_tcp(std::string_view text) {
  auto [host, port] = split_host_port(text, text.substr(k_tcp_scheme.size()));
  if (host == "localhost") host = "127.0.0.1";
  if (!is_ip(host)) reject(text, "names a host: give its address, as in tcp://127.0.0.1:2375");
  if (!is_loopback(host)) {
    reject(text,
           "is not loopback: without TLS anyone on the way would be root on the engine's host. Forward the "
           "socket "
           "instead: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST, then unix:///tmp/docker.sock");
  }
  return TcpAddress{host, parse_port(text, port)};
}

}  // namespace

EngineAddress parse_engine_address(std::string_view text) {
  if (text.starts_with(k_unix_scheme)) return parse_unix(text);
  if (text.starts_with(k_tcp_scheme)) return parse_tcp(text);
  if (text.starts_with("ssh://")) {
    reject(text, "is not spoken: forward the socket, ssh -L /tmp/docker.sock:/var/run/docker.sock HOST");
  }
  reject(text, "is no address of an engine: use unix:///path or tcp://127.0.0.1:port");
}

std::string to_string(const EngineAddress& address) {
  if (const auto* socket = std::get_if<UnixAddress>(&address))
    return fmt::format("{}{}", k_unix_scheme, socket->path);
  const auto& tcp = std::get<TcpAddress>(address);
  const bool is_v6 = tcp.ip.find(':') != std::string::npos;
  return is_v6 ? fmt::format("tcp://[{}]:{}", tcp.ip, tcp.port)
               : fmt::format("tcp://{}:{}", tcp.ip, tcp.port);
}

}  // namespace halcyon::docker_api
