#include "docker_api/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::uint16_t k_http_port = 80;
constexpr std::uint16_t k_https_port = 443;
constexpr std::size_t k_host_limit_bytes = 253;
constexpr std::size_t k_socket_path_limit_bytes = 107;

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::optional<int> hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char folded = to_lower(c);
  if (folded >= 'a' && folded <= 'f') return folded - 'a' + 10;
  return std::nullopt;
}

/// What of a URL may be shown: neither its query nor, where there is an '@', anything behind the scheme.
/// Where a password ends in a malformed one nobody knows.
std::string shown_part(std::string_view text) {
  if (text.find('@') == std::string_view::npos) return std::string(text.substr(0, text.find('?')));
  for (const std::string_view scheme : {"http://", "https://", "http+unix://"}) {
    if (text.starts_with(scheme)) return std::string(scheme) + "...";
  }
  return "...";
}

[[noreturn]] void refuse_url(std::string_view text, std::string_view why) {
  std::string shown = shown_part(text);
  shown.erase(std::remove_if(shown.begin(), shown.end(),
                             [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
              shown.end());
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "URL",
               .explanation = fmt::format("\"{}\" {}", shown, why)});
}

/// Only what may stand in a request line as it is.
void check_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos)
      refuse_url(text,
                 "holds a character that no URL may hold: percent-encode it, and write a host's name in its "
                 "\"xn--\" form");
    const bool is_escape = c == '%';
    if (is_escape && (i + 2 >= text.size() || !hex_value(text[i + 1]) || !hex_value(text[i + 2])))
      refuse_url(text, "has a '%' without two hexadecimal digits behind it");
  }
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    decoded.push_back(static_cast<char>(*hex_value(text[i + 1]) * 16 + *hex_value(text[i + 2])));
    i += 2;
  }
  return decoded;
}

/// What stands between "//" and the path, and what follows.
struct Parts {
  std::string_view authority;
  std::string_view target;
};

Parts split_url(std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  return {rest.substr(0, end), rest.substr(end)};
}

std::string to_target(std::string_view text) {
  return text.starts_with('/') ? std::string(text) : '/' + std::string(text);
}

std::uint16_t parse_url_port(std::string_view text, std::string_view port) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (error != std::errc{} || end != port.data() + port.size() || value == 0)
    refuse_url(text, "has a port that is none");
  return value;
}

std::string parse_host(std::string_view text, std::string_view host) {
  std::string folded(host);
  std::transform(folded.begin(), folded.end(), folded.begin(), to_lower);
  const bool is_name = std::all_of(folded.begin(), folded.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
  if (folded.empty() || folded.size() > k_host_limit_bytes || !is_name || folded.front() == '.' ||
      folded.front() == '-')
    refuse_url(text, "names no host");
  return folded;
}

std::string parse_literal(std::string_view text, std::string_view inside) {
  std::string address(inside);
  in6_addr ignored{};
  if (::inet_pton(AF_INET6, address.c_str(), &ignored) != 1)
    refuse_url(text, "has brackets around something that is no IPv6 address");
  std::transform(address.begin(), address.end(), address.begin(), to_lower);
  return address;
}

void parse_authority(std::string_view text, std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos)
    refuse_url(text, "holds a user or password; send a header instead");
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) refuse_url(text, "has a bracket that is not closed");
    url.host = parse_literal(text, authority.substr(1, close - 1));
    rest = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = parse_host(text, authority.substr(0, colon));
    rest = authority.substr(colon);
  }
  url.port = url.scheme == UrlScheme::https ? k_https_port : k_http_port;
  if (rest.empty()) return;
  if (rest.front() != ':') refuse_url(text, "goes on after the host");
  if (rest.size() > 1) url.port = parse_url_port(text, rest.substr(1));
}

void parse_socket(std::string_view text, std::string_view authority, Url& url) {
  url.host = percent_decode(authority);
  if (!url.host.starts_with('/') || url.host.find('\0') != std::string::npos)
    refuse_url(text, "needs the absolute path of a socket, as in http+unix://%2Frun%2Fapp.sock/path");
  if (url.host.size() > k_socket_path_limit_bytes)
    refuse_url(text, fmt::format("has a socket's path of more than {} bytes", k_socket_path_limit_bytes));
}

std::optional<std::string> scheme_of(std::string_view text) {
  const std::size_t colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || colon == 0 || text[colon] != ':' || !is_letter(text.front()))
    return std::nullopt;
  std::string scheme(text.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), to_lower);
  return scheme;
}

std::string_view scheme_text(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::http:
      return "http";
    case UrlScheme::https:
      return "https";
    case UrlScheme::http_unix:
      return "http+unix";
  }
  return "";
}

/// RFC 3986, 5.2.4, for a path that begins with a slash.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t next = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, next);
    const bool is_last = next == path.size();
    if (segment == "/..") {
      out.erase(std::min(out.rfind('/'), out.size()));
      if (is_last) out += '/';
    } else if (segment == "/.") {
      if (is_last) out += '/';
    } else {
      out += segment;
    }
    path.remove_prefix(next);
  }
  return out.empty() ? "/" : out;
}

std::string join_target(const std::string& base, std::string_view reference) {
  const std::string_view base_path = std::string_view(base).substr(0, base.find('?'));
  if (reference.empty()) return base;
  if (reference.starts_with('?')) return std::string(base_path) + std::string(reference);
  const std::size_t question = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, question);
  const std::string whole =
      path.starts_with('/') ? std::string(path)
                            : std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(path);
  return remove_dot_segments(whole) + std::string(reference.substr(question));
}

}  // namespace

Url parse_url(std::string_view text) {
  check_characters(text);
  const std::optional<std::string> scheme = scheme_of(text);
  Url url;
  if (scheme == "https") {
    url.scheme = UrlScheme::https;
  } else if (scheme == "http+unix") {
    url.scheme = UrlScheme::http_unix;
  } else if (scheme != "http") {
    refuse_url(text, "begins with none of http://, https:// and http+unix://");
  }
  std::string_view rest = text.substr(scheme->size() + 1);
  if (!rest.starts_with("//")) refuse_url(text, "has no // behind its scheme");
  const Parts parts = split_url(rest.substr(2));
  if (url.scheme == UrlScheme::http_unix) {
    parse_socket(text, parts.authority, url);
  } else {
    parse_authority(text, parts.authority, url);
  }
  url.target = to_target(parts.target);
  return url;
}

Url resolve_url(const Url& base, std::string_view reference) {
  check_characters(reference);
  if (scheme_of(reference)) return parse_url(reference);
  if (reference.starts_with("//"))
    return parse_url(std::string(scheme_text(base.scheme)) + ':' + std::string(reference));
  Url url = base;
  url.target = join_target(base.target, reference.substr(0, reference.find('#')));
  return url;
}

std::string origin_of(const Url& url) {
  const std::string_view scheme = scheme_text(url.scheme);
  if (url.scheme == UrlScheme::http_unix)
    return fmt::format("{}://{}", scheme, percent_encode_query(url.host));
  const bool is_literal = url.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme, is_literal ? "[" : "", url.host, is_literal ? "]" : "",
                     url.port);
}

std::string host_header(const Url& url) {
  if (url.scheme == UrlScheme::http_unix) return "localhost";
  const bool is_literal = url.host.find(':') != std::string::npos;
  std::string host = is_literal ? '[' + url.host + ']' : url.host;
  const bool is_usual = url.port == (url.scheme == UrlScheme::https ? k_https_port : k_http_port);
  if (!is_usual) host += ':' + std::to_string(url.port);
  return host;
}

std::string to_string(const Url& url) {
  if (url.scheme == UrlScheme::http_unix) return origin_of(url) + url.target;
  return fmt::format("{}://{}{}", scheme_text(url.scheme), host_header(url), url.target);
}

std::string to_shown_string(const Url& url) {
  Url shown = url;
  shown.target.resize(std::min(shown.target.find('?'), shown.target.size()));
  return to_string(shown);
}

EngineAddress to_address(const Url& url, const TlsSettings& tls) {
  if (url.scheme == UrlScheme::http_unix) return UnixAddress{url.host};
  TcpAddress address{url.host, url.port};
  if (url.scheme == UrlScheme::https) address.tls = tls;
  return address;
}

}  // namespace halcyon::docker_api
