// What the sample application says to each request, without sockets: the head of an answer as text, and
// the answers that need no waiting.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sample_app_settings.h"

namespace halcyon::lab {

using Request = boost::beast::http::request<boost::beast::http::string_body>;

struct Answer {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "text/plain";
};

struct Head {
  unsigned status = 200;
  std::string_view content_type = "text/plain";
  std::optional<std::uint64_t> content_length;  // empty = chunked
  std::string_view request_id;                  // given back when the client sent one
  bool keep_alive = true;
};

// The status line and headers, ending with the empty line, appended to `out`.
void append_head(std::string& out, const Settings& settings, const Head& head);

std::string_view path_of(const Request& request);
std::string_view request_id_of(const Request& request);

// The number behind `name=` in the query of the request, or `otherwise`.
std::uint64_t query_number(const Request& request, std::string_view name, std::uint64_t otherwise);

// Every path that is answered at once. Moves the body out of the request when it is echoed.
Answer answer_at_once(const Settings& settings, Request& request, std::chrono::milliseconds since_start);

}  // namespace halcyon::lab
