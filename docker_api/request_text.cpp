#include "docker_api/request_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_control_or_space(char c) noexcept { return is_control(c) || c == ' '; }

void require_word(std::string_view text, std::string_view what) {
  if (!text.empty() && std::none_of(text.begin(), text.end(), is_control_or_space)) return;
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "HTTP request",
               .explanation = fmt::format("the {} is empty or holds a space or control character", what)});
}

void require_line(std::string_view text, std::string_view header) {
  if (std::none_of(text.begin(), text.end(), is_control)) return;
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "HTTP request",
               .explanation = fmt::format("the value of header {} holds a control character", header)});
}

}  // namespace

void check_request_text(const HttpRequest& request) {
  require_word(request.method, "method");
  require_word(request.target, "target");
  require_word(request.host, "host");
  for (const HttpHeader& header : request.headers) {
    require_word(header.name, "name of a header");
    require_line(header.value, header.name);
  }
}

void append_request_head(std::string& out, const HttpRequest& request) {
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  out.append(request.host).append("\r\n");
  for (const HttpHeader& header : request.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (request.upgrade) {
    out.append("Connection: Upgrade\r\nUpgrade: tcp\r\n");  // Podman wants exactly this value
  } else if (!request.keep_alive) {
    out.append("Connection: close\r\n");
  }
  const bool says_length = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (request.body_source) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (says_length) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", request.body.size());
  }
  out.append("\r\n");
}

void require_in_time(std::chrono::steady_clock::time_point began, const HttpDeadlines& deadlines,
                     const std::string& endpoint) {
  if (!deadlines.whole || std::chrono::steady_clock::now() - began < *deadlines.whole) return;
  throw Error({.kind = ErrorKind::timeout,
               .endpoint = endpoint,
               .explanation =
                   fmt::format("the answer did not come to its end within {}", describe(*deadlines.whole))});
}

std::string describe(std::chrono::milliseconds duration) {
  const bool whole_seconds = duration.count() % 1000 == 0;
  return whole_seconds ? fmt::format("{} s", duration.count() / 1000)
                       : fmt::format("{} ms", duration.count());
}

}  // namespace halcyon::docker_api
