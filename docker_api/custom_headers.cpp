#include "docker_api/custom_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "docker_api/ascii.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_variable = "DOCKER_CUSTOM_HEADERS";
constexpr std::array<std::string_view, 7> k_own_headers{
    "Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent"};

[[noreturn]] void refuse_header(std::string_view where, std::string_view why) {
  throw Error(
      {.kind = ErrorKind::invalid_argument, .endpoint = std::string(where), .explanation = std::string(why)});
}

[[noreturn]] void refuse_csv(std::string_view why) {
  refuse_header(k_variable, fmt::format("{}; write key=value,\"key=value, with a comma\"", why));
}

bool is_token(std::string_view name) {
  static constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 128 && (std::isalnum(c) != 0 || k_marks.find(static_cast<char>(c)) != std::string_view::npos);
  });
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](unsigned char c) { return (c < 32 && c != '\t') || c == 127; });
}

/// "x-META" -> "X-Meta".
std::string write_as_go(std::string_view name) {
  std::string written(name);
  bool is_first = true;
  for (char& c : written) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(is_first ? std::toupper(byte) : std::tolower(byte));
    is_first = c == '-';
  }
  return written;
}

void check_header(std::string_view name, std::string_view value, std::string_view where) {
  if (!is_token(name)) refuse_header(where, fmt::format("\"{}\" is no name of a header; correct it", name));
  if (!is_header_value(value)) {
    refuse_header(
        where, fmt::format("the value of {} holds a line end or another control character; remove it", name));
  }
}

std::vector<HttpHeader> leave_out_own(const std::map<std::string, std::string>& headers) {
  std::vector<HttpHeader> kept;
  for (const auto& [name, value] : headers) {
    if (std::find(k_own_headers.begin(), k_own_headers.end(), name) == k_own_headers.end())
      kept.push_back({name, value});
  }
  return kept;
}

/// Takes the next field, quotes resolved, and the comma behind it; `text` is empty after the last.
std::string take_field(std::string_view& text) {
  std::string field;
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find(','), text.size());
    field = text.substr(0, end);
    text.remove_prefix(end);
    if (field.find('"') != std::string::npos)
      refuse_csv("a quote stands inside a field that does not begin with one");
    return field;
  }
  text.remove_prefix(1);
  while (true) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) refuse_csv("a quote is not closed");
    field += text.substr(0, quote);
    text.remove_prefix(quote + 1);
    if (!text.starts_with('"')) break;
    field += '"';
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() != ',')
    refuse_csv("something stands between a closing quote and the comma");
  return field;
}

std::vector<std::string> parse_fields(std::string_view text) {
  std::vector<std::string> fields;
  while (true) {
    fields.push_back(take_field(text));
    if (text.empty()) return fields;
    text.remove_prefix(1);  // the comma
  }
}

}  // namespace

std::vector<HttpHeader> check_headers(const std::map<std::string, std::string>& headers,
                                      const std::string& where) {
  std::map<std::string, std::string> checked;
  for (const auto& [name, value] : headers) {
    check_header(name, value, where);
    if (!checked.emplace(write_as_go(name), value).second) {
      refuse_header(where,
                    fmt::format("the header {} is there twice; case does not matter, so keep one", name));
    }
  }
  return leave_out_own(checked);
}

std::vector<HttpHeader> parse_custom_headers(std::string_view text) {
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);
  if (text.empty()) return {};
  std::map<std::string, std::string> headers;
  for (const std::string& field : parse_fields(text)) {
    const std::size_t equals = field.find('=');
    const std::string_view name = trim(std::string_view(field).substr(0, equals), " \t");
    if (name.empty()) refuse_csv("a field has no key");
    if (equals == std::string::npos) refuse_csv("a field has no \"=\"");
    const std::string value = field.substr(equals + 1);
    check_header(name, value, k_variable);
    headers[write_as_go(name)] = value;
  }
  return leave_out_own(headers);
}

}  // namespace halcyon::docker_api
