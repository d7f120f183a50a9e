#include "docker_api/engine_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "docker_api/docker_host.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::size_t k_unix_path_limit_bytes = 107;  // sun_path holds 108 with the final zero
constexpr std::string_view k_ssh_scheme = "ssh://";
constexpr std::size_t k_host_name_limit_bytes = 253;

[[noreturn]] void reject_address(std::string_view text, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "engine address",
               .explanation = fmt::format("\"{}\" {}", without_password(text), why)});
}

EngineAddress parse_unix(std::string_view text) {
  const std::string_view path = text.substr(k_unix_scheme.size());
  if (path.empty()) reject_address(text, "needs a path, as in unix:///var/run/docker.sock");
  if (path.find('\0') != std::string_view::npos)
    reject_address(text.substr(0, text.find('\0')), "goes on after a zero byte");
  if (path.size() > k_unix_path_limit_bytes) {
    reject_address(text,
                   fmt::format("has a path of {} bytes; a unix socket's path ends at {}: use a shorter one",
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

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

/// What goes to ssh's command line or the shell behind it must be neither an option nor more than one word.
void check_ssh_word(std::string_view text, std::string_view word, std::string_view what) {
  bool good = !word.empty() && word.front() != '-';
  for (const char c : word) {
    good = good && (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                    std::string_view("-_./@+").find(c) != std::string_view::npos);
  }
  if (!good)
    reject_address(text, fmt::format("has a {} with characters other than letters, digits and -_./@+", what));
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (error != std::errc{} || end != port.data() + port.size() || value == 0) {
    reject_address(text, "needs a port from 1 to 65535, as in tcp://127.0.0.1:2375");
  }
  return value;
}

struct HostPort {
  std::string host;
  std::optional<std::string_view> port;
};

/// Splits "host", "host:port", "[v6]" and "[v6]:port"; host without the brackets.
HostPort split_host_port(std::string_view text, std::string_view rest) {
  HostPort result;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) reject_address(text, "has a bracket that is not closed");
    result.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!is_ip(result.host)) reject_address(text, "has brackets around something that is no IPv6 address");
  } else {
    const std::size_t colon = rest.find(':');
    result.host = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos)
      reject_address(text, "needs brackets, as in tcp://[::1]:2375");
  }
  if (!rest.empty() && rest.front() != ':') reject_address(text, "goes on after the host");
  if (!rest.empty()) result.port = rest.substr(1);
  return result;
}

/// A name that may go on a command line and into a certificate check: letters, digits, '-', '_' and dots.
void check_host_name(std::string_view text, const std::string& host) {
  bool good =
      !host.empty() && host.size() <= k_host_name_limit_bytes && host.front() != '-' && host.front() != '.';
  for (const char c : host)
    good = good && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.');
  if (!good && !is_ip(host))
    reject_address(text, "names no host: write a name or an address, as in tcp://127.0.0.1:2375");
}

/// From "/docker/"; the docker CLI puts it before "/v1.41/...".
std::string parse_path_prefix(std::string_view text, std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);  // the slash
    const std::string_view segment = rest.substr(0, rest.find('/'));
    const bool is_plain = std::all_of(segment.begin(), segment.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 ||
             std::string_view("-_.~").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!is_plain || segment.empty() || segment == "." || segment == "..")
      reject_address(
          text, "has a path that is none: parts of letters, digits and -_.~, as in tcp://proxy:2375/docker");
    rest.remove_prefix(segment.size());
  }
  return std::string(path);
}

EngineAddress parse_tcp(std::string_view text, const AddressRules& rules) {
  const std::string_view rest = text.substr(k_tcp_scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  auto [host, port] = split_host_port(text, rest.substr(0, slash));
  check_host_name(text, host);
  if (host == "localhost" && !rules.tls) host = "127.0.0.1";
  if (!rules.tls && !rules.plain_tcp_anywhere && !is_loopback(host)) {
    reject_address(text,
                   "is not loopback: without TLS anyone on the way would be root on the engine's host. Set "
                   "DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use ssh://USER@HOST");
  }
  const std::uint16_t usual = rules.tls ? k_tls_engine_port : k_plain_engine_port;
  return TcpAddress{host, port ? parse_port(text, *port) : usual, rules.tls,
                    parse_path_prefix(text, rest.substr(slash))};
}

EngineAddress parse_ssh(std::string_view text) {
  std::string_view rest = text.substr(k_ssh_scheme.size());
  if (rest.find_first_of("?#") != std::string_view::npos)
    reject_address(text, "has a query or a fragment, which ssh has no use for");
  SshAddress address;
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    address.socket_path = rest.substr(slash) == "/" ? std::string_view{} : rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    address.user = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    if (address.user.find(':') != std::string::npos) reject_address(text, "has a password in it: use a key");
    check_ssh_word(text, address.user, "user");
  }
  const auto [host, port] = split_host_port(text, rest);
  check_host_name(text, host);
  address.host = host;
  if (port) address.port = parse_port(text, *port);
  if (!address.socket_path.empty()) check_ssh_word(text, address.socket_path, "path");
  return address;
}

}  // namespace

EngineAddress parse_engine_address(std::string_view text, const AddressRules& rules) {
  if (text.starts_with(k_unix_scheme)) return parse_unix(text);
  if (text.starts_with(k_tcp_scheme)) return parse_tcp(text, rules);
  if (text.starts_with(k_ssh_scheme)) return parse_ssh(text);
  reject_address(text, "is no address of an engine: use unix:///path, tcp://HOST:PORT or ssh://USER@HOST");
}

bool is_open_to_others(const EngineAddress& address) {
  const auto* const tcp = std::get_if<TcpAddress>(&address);
  return tcp != nullptr && !tcp->tls && tcp->host != "localhost" && !is_loopback(tcp->host);
}

std::string to_string(const EngineAddress& address) {
  if (const auto* socket = std::get_if<UnixAddress>(&address))
    return fmt::format("{}{}", k_unix_scheme, socket->path);
  if (const auto* tcp = std::get_if<TcpAddress>(&address))
    return fmt::format("{}{}:{}{}", k_tcp_scheme, bracketed(tcp->host), tcp->port, tcp->path_prefix);
  const auto& ssh = std::get<SshAddress>(address);
  return fmt::format("{}{}{}{}{}{}", k_ssh_scheme, ssh.user, ssh.user.empty() ? "" : "@", bracketed(ssh.host),
                     ssh.port == 0 ? "" : fmt::format(":{}", ssh.port), ssh.socket_path);
}

std::string path_prefix(const EngineAddress& address) {
  const auto* const tcp = std::get_if<TcpAddress>(&address);
  return tcp == nullptr ? std::string() : tcp->path_prefix;
}

std::string host_header(const EngineAddress& address) {
  const auto* const tcp = std::get_if<TcpAddress>(&address);
  if (tcp == nullptr) return "localhost";
  const bool is_ipv6 = tcp->host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", tcp->host, tcp->port) : fmt::format("{}:{}", tcp->host, tcp->port);
}

}  // namespace halcyon::docker_api
