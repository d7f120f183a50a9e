// The parts of http.hpp that need no socket: headers, percent-encoding, reading an answer whole.
#include <fmt/format.h>

#include <algorithm>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http.hpp"
#include "docker_api/request_text.hpp"

namespace halcyon::docker_api {
namespace {

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// `kept`: what stays as it is beside the unreserved characters.
std::string percent_encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != std::string_view::npos) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(k_hex[byte >> 4]);
    encoded.push_back(k_hex[byte & 15]);
  }
  return encoded;
}

}  // namespace

std::optional<std::string_view> HttpResponse::find_header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const HttpHeader& header) {
    return is_same_name(name, header.name);
  });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

std::string percent_encode_path(std::string_view text) { return percent_encode(text, "/:@"); }
std::string percent_encode_query(std::string_view text) { return percent_encode(text, ""); }

boost::asio::awaitable<HttpResponse> exchange(HttpConnection& connection, HttpRequest request,
                                              HttpDeadlines deadlines, std::size_t body_limit_bytes) {
  std::string endpoint = request.method + ' ' + request.target;
  HttpResponse response = co_await connection.begin(std::move(request), deadlines);
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    const std::string_view piece = co_await connection.read_some(deadlines);
    if (piece.empty()) co_return response;
    try {
      require_in_time(began, deadlines, endpoint);
    } catch (const Error&) {
      connection.close();
      throw;
    }
    if (response.body.size() + piece.size() > body_limit_bytes) {
      connection.close();
      throw Error({.kind = ErrorKind::protocol,
                   .endpoint = std::move(endpoint),
                   .http_status = response.status,
                   .explanation = fmt::format("the answer is longer than {} bytes", body_limit_bytes)});
    }
    response.body.append(piece);
  }
}

}  // namespace halcyon::docker_api
