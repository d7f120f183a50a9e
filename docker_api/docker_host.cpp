#include "docker_api/docker_host.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "docker_api/ascii.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_separator = "://";
constexpr std::string_view k_default_name = "localhost";
constexpr std::string_view k_default_port = "2375";  // with TLS too

[[noreturn]] void refuse_host(std::string_view text, std::string_view why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "engine address",
               .explanation = fmt::format("\"{}\" {}", without_password(text), why)});
}

struct AuthorityParts {
  std::string_view host;
  std::string_view port;
};

/// "host:port", "[v6]:port", either part may be missing.
AuthorityParts split_authority(std::string_view authority, std::string_view whole) {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) refuse_host(whole, "has a bracket that is not closed");
    const std::string_view rest = authority.substr(close + 1);
    if (!rest.empty() && rest.front() != ':')
      refuse_host(whole, "goes on behind the bracket without a colon");
    return {authority.substr(1, close - 1), rest.substr(std::min<std::size_t>(1, rest.size()))};
  }
  const std::size_t colon = authority.find(':');
  if (colon == std::string_view::npos) return {authority, {}};
  if (authority.find(':', colon + 1) != std::string_view::npos)
    refuse_host(whole, "needs brackets: tcp://[::1]:2375");
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

std::string complete_tcp(std::string_view rest, std::string_view whole) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (rest.find('@') != std::string_view::npos) {
    refuse_host("tcp://...@...",
                "names a user, and tcp has none; use certificates (DOCKER_TLS_VERIFY) or ssh");
  }
  const auto [host, port] = split_authority(rest.substr(0, slash), whole);
  if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    refuse_host(whole, "needs a number as port, as in tcp://prod:2376");
  }
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return fmt::format("tcp://{}{}{}:{}{}", is_v6 ? "[" : "", host.empty() ? k_default_name : host,
                     is_v6 ? "]" : "", port.empty() ? k_default_port : port, rest.substr(slash));
}

}  // namespace

std::string complete_docker_host(std::string_view text) {
  text = trim(text, " \t\r\n\v\f");
  if (text.empty()) return {};
  const std::size_t separator = text.find(k_separator);
  if (separator == std::string_view::npos) return complete_tcp(text, text);
  const std::string_view scheme = text.substr(0, separator);
  const std::string_view rest = text.substr(separator + k_separator.size());
  if (scheme == "ssh" || scheme == "fd") return std::string(text);
  if (scheme != "unix" && scheme != "tcp" && scheme != "npipe") {
    refuse_host(text, "is no address of an engine: use unix:///path, tcp://host:port or ssh://user@host");
  }
  if (rest.find(k_separator) != std::string_view::npos) refuse_host(text, "has two schemes");
  if (scheme == "tcp") return complete_tcp(rest, text);
  if (scheme == "unix" && rest.empty()) return std::string(k_default_engine_address);
  return std::string(text);
}

std::string without_password(std::string_view address) {
  const std::size_t separator = address.find(k_separator);
  std::size_t begin = separator == std::string_view::npos ? 0 : separator + k_separator.size();
  const std::size_t at = address.rfind('@');
  if (address.find('@') < begin) begin = 0;  // "user:password@tcp://..." is no address, and still a password
  if (at == std::string_view::npos || address.substr(begin, at - begin).find(':') == std::string_view::npos)
    return std::string(address);
  return std::string(address.substr(0, begin)).append("...").append(address.substr(at));
}

}  // namespace halcyon::docker_api
