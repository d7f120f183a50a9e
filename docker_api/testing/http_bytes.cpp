#include "docker_api/testing/http_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace halcyon::docker_api::fake {
namespace {

/// Longer bodies are chunked, as Go's server does once its buffer is full.
constexpr std::size_t k_longest_unchunked = 2048;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Request parse_head(std::string_view head) {
  Request request;
  std::size_t end = head.find("\r\n");
  const std::string_view first = head.substr(0, end);
  const std::size_t space = first.find(' ');
  const std::size_t last = first.rfind(' ');
  const bool is_old = first.ends_with(" HTTP/1.0");
  if (space == std::string_view::npos || last == space || (!is_old && !first.ends_with(" HTTP/1.1"))) {
    throw BadRequest{};
  }
  request.method = first.substr(0, space);
  request.target = first.substr(space + 1, last - space - 1);
  while (end != std::string_view::npos && end + 2 < head.size()) {
    const std::size_t start = end + 2;
    end = head.find("\r\n", start);
    const std::string_view line = head.substr(start, end - start);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) throw BadRequest{};
    request.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  request.may_chunk = !is_old;
  request.closes = is_old || request.header("Connection") == "close";
  return request;
}

template <class Number>
Number parse_number(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) throw BadRequest{};
  return number;
}

/// The joined chunks, and how many bytes they took; nothing if the last has not come.
std::optional<std::size_t> read_chunks(std::string_view bytes, std::string& body) {
  std::size_t at = 0;
  while (true) {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = bytes.substr(at, end - at);
    const auto size = parse_number<std::size_t>(trim(line.substr(0, line.find(';'))), 16);
    at = end + 2;
    if (bytes.size() < at + size + 2) return std::nullopt;
    if (bytes.substr(at + size, 2) != "\r\n") throw BadRequest{};
    if (size == 0) return at + 2;
    body.append(bytes.substr(at, size));
    at += size + 2;
  }
}

std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "UPGRADED";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    default:
      return status >= 500 ? "Internal Server Error" : "Refused";
  }
}

}  // namespace

std::optional<Request> take_request(std::string& received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  Request request = parse_head(std::string_view(received).substr(0, end + 2));
  std::size_t used = end + 4;
  if (request.header("Transfer-Encoding") == "chunked") {
    const auto size = read_chunks(std::string_view(received).substr(used), request.body);
    if (!size) return std::nullopt;
    used += *size;
  } else if (const std::string length = request.header("Content-Length"); !length.empty()) {
    const auto size = parse_number<std::size_t>(length, 10);
    if (received.size() < used + size) return std::nullopt;
    request.body = received.substr(used, size);
    used += size;
  }
  received.erase(0, used);
  return request;
}

bool waits_for_continue(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  return end != std::string_view::npos &&
         parse_head(received.substr(0, end + 2)).header("Expect") == "100-continue";
}

std::string write_chunk(std::string_view bytes) {
  return bytes.empty() ? "" : fmt::format("{:x}\r\n", bytes.size()).append(bytes).append("\r\n");
}

AnswerBytes write_answer(const Answer& answer, const std::vector<Header>& common, bool is_head_request,
                         bool upgrades, bool may_chunk) {
  AnswerBytes written;
  std::string& bytes = written.bytes;
  bytes = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
  const auto add = [&bytes](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : answer.headers) add(name, value);
  if (answer.raw) {
    if (upgrades && answer.status == 101) bytes += "Connection: Upgrade\r\nUpgrade: tcp\r\n";
  } else {
    for (const auto& [name, value] : common) {
      if (answer.common_headers || name == "Date") add(name, value);
    }
  }
  const bool has_body = answer.status != 204 && answer.status != 304;
  const bool has_open_end =
      has_body && !answer.raw &&
      (answer.stream || !answer.messages.empty() || answer.body.size() > k_longest_unchunked);
  written.is_chunked = has_open_end && may_chunk;
  if (written.is_chunked) {
    add("Transfer-Encoding", "chunked");
  } else if (has_body && !answer.raw && !has_open_end) {
    add("Content-Length", std::to_string(answer.body.size()));
  }
  bytes += "\r\n";
  written.head_bytes = bytes.size();
  if (is_head_request || !has_body) return written;
  if (!written.is_chunked) {
    bytes += answer.body;
    for (const std::string& message : answer.messages) bytes += message;
    return written;
  }
  bytes += write_chunk(answer.body);
  for (const std::string& message : answer.messages) bytes += write_chunk(message);
  if (!answer.stream) bytes += k_last_chunk;
  return written;
}

}  // namespace halcyon::docker_api::fake
