#include "docker_api/request_text.hpp"

#include <fmt/format.h>

#include <algorithm>

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

/// A value may hold tabs (RFC 9110, 5.5).
void require_line(std::string_view text, std::string_view header) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; })) return;
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = "HTTP request",
               .explanation = fmt::format("the value of header {} holds a control character", header)});
}

void append(std::string& text, std::string_view more) { text.append(more); }

template <class Text>
void append_length(Text& out, const HttpRequest& request) {
  const std::optional<std::uint64_t> length = request.body_source
                                                  ? request.body_source->size_bytes()
                                                  : std::optional<std::uint64_t>(body_of(request).size());
  const bool says_length = has_body(request) || request.method == "POST" || request.method == "PUT";
  if (!length) {
    append(out, "Transfer-Encoding: chunked\r\n");
  } else if (says_length) {
    append(out, "Content-Length: ");
    append(out, fmt::format_int(*length).c_str());
    append(out, "\r\n");
  }
}

template <class Text>
void append_head(Text& out, const HttpRequest& request) {
  for (const std::string_view part :
       {std::string_view(request.method), std::string_view(" "), std::string_view(request.target),
        std::string_view(" HTTP/1.1\r\nHost: "), std::string_view(request.host), std::string_view("\r\n")}) {
    append(out, part);
  }
  for (const HttpHeader& header : request.headers) {
    append(out, header.name);
    append(out, ": ");
    append(out, header.secret.empty() ? std::string_view(header.value) : header.secret.reveal());
    append(out, "\r\n");
  }
  if (request.upgrade) {
    append(out, "Connection: Upgrade\r\nUpgrade: tcp\r\n");  // Podman wants exactly this value
  } else if (!request.keep_alive) {
    append(out, "Connection: close\r\n");
  }
  append_length(out, request);
  if (request.expect_continue && has_body(request)) append(out, "Expect: 100-continue\r\n");
  append(out, "\r\n");
}

}  // namespace

void check_request_text(const HttpRequest& request) {
  require_word(request.method, "method");
  require_word(request.target, "target");
  require_word(request.host, "host");
  for (const HttpHeader& header : request.headers) {
    require_word(header.name, "name of a header");
    require_line(header.value, header.name);
    require_line(header.secret.reveal(), header.name);
  }
}

bool holds_secret(const HttpRequest& request) {
  const auto is_secret = [](const HttpHeader& header) { return !header.secret.empty(); };
  return !request.secret_body.empty() ||
         std::any_of(request.headers.begin(), request.headers.end(), is_secret);
}

bool has_body(const HttpRequest& request) {
  return request.body_source || !request.secret_body.empty() || !request.body.empty();
}

std::string_view body_of(const HttpRequest& request) {
  return request.secret_body.empty() ? std::string_view(request.body) : request.secret_body.reveal();
}

void append_request_head(std::string& out, const HttpRequest& request) { append_head(out, request); }
void append_request_head(SecretText& out, const HttpRequest& request) { append_head(out, request); }

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
