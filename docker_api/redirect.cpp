#include "docker_api/redirect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

bool is_for_one_origin(const HttpHeader& header) {
  return !header.secret.empty() || is_same_name(header.name, "Authorization") ||
         is_same_name(header.name, "Cookie") || is_same_name(header.name, "Proxy-Authorization");
}

bool describes_body(const HttpHeader& header) {
  constexpr std::string_view k_prefix = "Content-";
  return is_same_name(std::string_view(header.name).substr(0, k_prefix.size()), k_prefix);
}

[[noreturn]] void refuse_redirect(const UrlRequest& request, const HttpResponse& head, std::string why) {
  throw Error({.kind = ErrorKind::protocol,
               .endpoint = request.method + ' ' + to_shown_string(request.url),
               .http_status = head.status,
               .explanation = "the server redirects " + std::move(why)});
}

Url resolve_location(const UrlRequest& request, const HttpResponse& head) {
  const std::string_view location = head.find_header("Location").value_or("");
  try {
    return resolve_url(request.url, location);
  } catch (const Error& error) {
    refuse_redirect(request, head, fmt::format("to no URL: {}", error.facts().explanation));
  }
}

void make_get(UrlRequest& request) {
  if (request.method != "HEAD") request.method = "GET";
  request.body.clear();
  request.secret_body = {};
  request.body_source.reset();
  std::erase_if(request.headers, describes_body);
}

}  // namespace

bool is_redirect(const HttpResponse& head) {
  const int status = head.status;
  const bool moves = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return moves && head.find_header("Location");
}

void redirect(UrlRequest& request, const HttpResponse& head) {
  Url next = resolve_location(request, head);
  const bool is_other = origin_of(next) != origin_of(request.url);
  if (request.url.scheme == UrlScheme::https && next.scheme == UrlScheme::http)
    refuse_redirect(
        request, head,
        fmt::format("from https to {}: what was asked in secret would go in clear", to_shown_string(next)));
  if (is_other && next.scheme == UrlScheme::http_unix)
    refuse_redirect(request, head, "to a socket of this machine");
  const bool becomes_get = head.status == 303 || (head.status < 303 && request.method == "POST");
  if (becomes_get) {
    make_get(request);
  } else if (request.body_source) {
    refuse_redirect(
        request, head,
        fmt::format("to {} and wants the body again, which can only be read once", to_shown_string(next)));
  }
  if (is_other && !request.secret_body.empty())
    refuse_redirect(request, head, fmt::format("to {} and wants a secret body there", to_shown_string(next)));
  if (is_other) std::erase_if(request.headers, is_for_one_origin);
  request.url = std::move(next);
}

}  // namespace halcyon::docker_api
