#include "docker_api/testing/messages.hpp"

#include <algorithm>
#include <cctype>

namespace halcyon::docker_api::fake {
namespace {

bool is_same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const int letter = std::tolower(static_cast<unsigned char>(digit)) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

void parse_query(Request& request, std::string_view text) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query.emplace_back(percent_decode(pair.substr(0, equals), true),
                               percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true));
  }
}

}  // namespace

std::string Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (is_same_ignoring_case(key, name)) return value;
  }
  return "";
}

std::string Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

bool Request::has_parameter(std::string_view name) const {
  return std::any_of(query.begin(), query.end(), [name](const auto& pair) { return pair.first == name; });
}

bool Request::flag(std::string_view name) const {
  const std::string value = parameter(name);
  return !value.empty() && value != "0" && value != "no" && value != "false" && value != "none";
}

void parse_target(Request& request, ApiVersion newest) {
  std::string_view target = request.target;
  const std::size_t question = std::min(target.find('?'), target.size());
  request.query.clear();
  parse_query(request, target.substr(std::min(target.size(), question + 1)));
  std::string_view path = target.substr(0, question);
  request.version = newest;
  if (path.starts_with("/v")) {
    const std::size_t slash = std::min(path.find('/', 1), path.size());
    if (const auto version = parse_api_version(path.substr(2, slash - 2))) {
      request.version = *version;
      path.remove_prefix(slash);
    }
  }
  request.path = percent_decode(path, false);
}

}  // namespace halcyon::docker_api::fake
