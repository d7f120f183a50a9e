// The answers of the sample application that need no waiting. Heads are put together by hand: this server
// has to be cheaper than whatever is measured through it.
#include "sample_app_answers.h"

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <charconv>

namespace halcyon::lab {
namespace {

namespace http = boost::beast::http;

std::string front_page(const Settings& settings) {
  std::string text = "release=" + settings.release + "\nhostname=" + settings.hostname + "\n";
  if (!settings.slot.empty()) text += "slot=" + settings.slot + "\n";
  return text;
}

bool is_ready(const Settings& settings, std::chrono::milliseconds since_start) {
  return settings.ready_after.has_value() && since_start >= *settings.ready_after;
}

Answer wanted_status(std::string_view code) {
  unsigned status = 0;
  const auto [end, problem] = std::from_chars(code.data(), code.data() + code.size(), status);
  const bool is_final_status = status >= 200 && status <= 599;
  if (problem != std::errc{} || end != code.data() + code.size() || !is_final_status) {
    return {400, "status must be between 200 and 599\n"};
  }
  if (status == 204 || status == 304) return {status, ""};
  return {status, "status " + std::string{code} + "\n"};
}

}  // namespace

void append_head(std::string& out, const Settings& settings, const Head& head) {
  out += "HTTP/1.1 ";
  out += std::to_string(head.status);
  out += ' ';
  out += std::string_view{http::obsolete_reason(http::int_to_status(head.status))};
  out += "\r\nContent-Type: ";
  out += head.content_type;
  out += "\r\nX-Release: ";
  out += settings.shown_release;
  if (!head.request_id.empty()) {
    out += "\r\nX-Request-Id: ";
    out += head.request_id;
  }
  if (!head.content_length.has_value()) {
    out += "\r\nTransfer-Encoding: chunked";
  } else if (head.status != 204) {
    out += "\r\nContent-Length: ";
    out += std::to_string(*head.content_length);
  }
  // Said in both cases: a client of HTTP/1.0 that asked for keep-alive waits for this word.
  out += head.keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
}

std::string_view path_of(const Request& request) {
  const std::string_view target = request.target();
  return target.substr(0, target.find('?'));
}

std::string_view request_id_of(const Request& request) {
  const auto field = request.find("X-Request-Id");
  return field == request.end() ? std::string_view{} : std::string_view{field->value()};
}

std::uint64_t query_number(const Request& request, std::string_view name, std::uint64_t otherwise) {
  std::string_view rest = request.target();
  const auto mark = rest.find('?');
  if (mark == std::string_view::npos) return otherwise;
  rest.remove_prefix(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size() == rest.size() ? pair.size() : pair.size() + 1);
    if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
    const std::string_view text = pair.substr(name.size() + 1);
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc{} && end == text.data() + text.size() ? value : otherwise;
  }
  return otherwise;
}

Answer answer_at_once(const Settings& settings, Request& request, std::chrono::milliseconds since_start) {
  constexpr std::string_view k_status = "/status/";
  const std::string_view path = path_of(request);
  if (path == "/") return {200, front_page(settings)};
  if (path == "/livez") return {200, "alive\n"};
  if (path == "/readyz" || path == "/healthz") {
    return is_ready(settings, since_start) ? Answer{200, "ready\n"} : Answer{503, "not ready\n"};
  }
  if (path == "/version") return {200, settings.release + "\n"};
  if (path == "/echo") {
    if (request.method() != http::verb::post) return {405, "/echo takes POST\n"};
    return {200, std::move(request.body()), "application/octet-stream"};
  }
  if (path.starts_with(k_status)) return wanted_status(path.substr(k_status.size()));
  return {404, "nothing here\n"};
}

}  // namespace halcyon::lab
