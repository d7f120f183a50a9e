// The head of a request as text. Private to docker_api.
#pragma once

#include <chrono>
#include <string>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// A body up to this size is sent in one write with its head.
inline constexpr std::size_t k_small_body_bytes = std::size_t{16} * 1024;

/// Errors: invalid_argument for white space or control characters that would break the message in two.
void check_request_text(const HttpRequest& request);

/// True if the head or the body must not lie in ordinary memory.
bool holds_secret(const HttpRequest& request);
bool has_body(const HttpRequest& request);
/// The body that is no source.
std::string_view body_of(const HttpRequest& request);

void append_request_head(std::string& out, const HttpRequest& request);
void append_request_head(SecretText& out, const HttpRequest& request);

/// Errors: timeout if a body that began at `began` has not come to its end in `deadlines.whole`.
void require_in_time(std::chrono::steady_clock::time_point began, const HttpDeadlines& deadlines,
                     const std::string& endpoint);

/// "30 s", "250 ms".
std::string describe(std::chrono::milliseconds duration);

}  // namespace halcyon::docker_api
