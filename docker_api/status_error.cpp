#include "docker_api/status_error.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

constexpr std::size_t k_text_limit_bytes = 4096;

std::string collapse_space(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_space = static_cast<unsigned char>(c) <= ' ';
    if (!is_space) {
      result.push_back(c);
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

/// What a person would read of a proxy's error page.
std::string strip_tags(std::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text.push_back(c);
    if (c == '>') {
      in_tag = false;
      text.push_back(' ');
    }
  }
  return collapse_space(text);
}

std::string find_json_text(std::string_view body) {
  if (body.size() > k_http_head_limit_bytes) return {};
  try {
    const json parsed = parse_json(body, "error body");
    for (const char* key : {"message", "cause", "error"}) {
      if (std::string text = get_string(parsed, key); !text.empty()) return text;
    }
  } catch (const Error&) {
    // Not the JSON we know: the caller shows the body as text, and the status is the error that counts.
  }
  return {};
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 400:
      return ErrorKind::bad_request;
    case 401:
    case 403:
      return ErrorKind::unauthorized;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    default:
      return ErrorKind::refused;
  }
}

/// The engine does not know the path at all, which is something else than an absent object: dockerd says
/// "page not found", Podman "Not Found" or "Path ... is not supported" (with 500).
bool is_unknown_route(int status, std::string_view text) {
  if (status == 404) return text == "page not found" || text == "404 page not found" || text == "Not Found";
  return status >= 500 && text.starts_with("Path /") && text.ends_with(" is not supported");
}

}  // namespace

std::string find_engine_text(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  body.remove_prefix(first);
  if (body.front() == '{') {
    if (std::string text = find_json_text(body); !text.empty())
      return shorten_engine_text(collapse_space(text));
  }
  if (body.front() == '<') return shorten_engine_text(strip_tags(body));
  return shorten_engine_text(collapse_space(body.substr(0, 2 * k_text_limit_bytes)));
}

std::string shorten_engine_text(std::string text) {
  if (text.size() <= k_text_limit_bytes) return text;
  std::size_t end = k_text_limit_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;  // not inside a UTF-8 sequence
  text.resize(end);
  return text + "...";
}

bool is_about_version(const Error& error) {
  return error.http_status() == 400 && error.engine_text().find("client version") != std::string::npos;
}

/// Podman answers 500 if the object vanished while it looked; its `cause` is the name of the error, not
/// prose.
bool is_vanished(int status, std::string_view body) {
  if (status != 500 || body.size() > k_http_head_limit_bytes) return false;
  try {
    const std::string cause = get_string(parse_json(body, "error body"), "cause");
    return cause == "no such container" || cause == "no such image" || cause == "no such volume" ||
           cause == "network not found";
  } catch (const Error&) {
    return false;
  }
}

Error make_status_error(std::string endpoint, std::string api_version, const HttpResponse& response) {
  ErrorFacts facts{.kind = kind_of(response.status),
                   .endpoint = std::move(endpoint),
                   .http_status = response.status,
                   .engine_text = find_engine_text(response.body),
                   .api_version = std::move(api_version)};
  if (is_vanished(response.status, response.body)) facts.kind = ErrorKind::not_found;
  if (is_unknown_route(response.status, facts.engine_text)) {
    facts.kind = ErrorKind::unsupported;
    facts.explanation = fmt::format("the engine does not know this call (status {})", response.status);
  }
  return Error(std::move(facts));
}

}  // namespace halcyon::docker_api
