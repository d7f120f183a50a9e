// URLs of HTTP servers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "docker_api/engine_address.hpp"

namespace halcyon::docker_api {

/// How a server is reached.
enum class UrlScheme {
  http,
  https,
  http_unix,  ///< "http+unix": a socket in the file system
};

/// Where a request goes.
struct Url {
  UrlScheme scheme = UrlScheme::http;
  std::string host;  ///< in lower case, without brackets; of http+unix the socket's path
  std::uint16_t port = 0;
  std::string target = "/";  ///< path and query as they are sent: percent-encoded, never changed by us

  bool operator==(const Url&) const = default;
};

/// Parses an absolute URL.
///
/// Shape:  http://HOST[:PORT][/PATH][?QUERY], https://...,
/// http+unix://SOCKET-PATH-PERCENT-ENCODED[/PATH][?QUERY];
///         a fragment is dropped, it is never sent.
/// Errors: invalid_argument for another scheme; a user or password in it (such a URL ends up in logs: use a
///         header); a host that is not ASCII (write its "xn--" form); white space, control characters, bytes
///         that are not ASCII and a '%' without two hexadecimal digits. The text shown ends before the query.
/// Source: RFC 3986; RFC 9110, 4.2.
Url parse_url(std::string_view text);

/// Resolves what a Location header says against the URL that was asked: absolute, or relative in any way.
///
/// Errors: as parse_url().
/// Source: RFC 3986, 5.2.
Url resolve_url(const Url& base, std::string_view reference);

/// Writes it as parse_url() reads it.
std::string to_string(const Url& url);
/// The same without the query, in which there may be a signature: for messages.
std::string to_shown_string(const Url& url);
/// "https://example.org:8443": what two URLs have in common whose server may see the same credentials.
std::string origin_of(const Url& url);
/// The value of the Host header: the port only if it is not the scheme's own.
std::string host_header(const Url& url);
/// Where to connect; `tls` is for https.
EngineAddress to_address(const Url& url, const TlsSettings& tls);

}  // namespace halcyon::docker_api
