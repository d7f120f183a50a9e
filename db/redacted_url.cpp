#include "db/redacted_url.hpp"

#include <algorithm>

namespace halcyon::db {
namespace {

constexpr std::string_view k_separator = "://";
constexpr std::string_view k_hidden = "***";

bool holds(std::string_view text, std::string_view lower_case_word) {
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                     [](char left, char right) { return (left | 0x20) == right; }) != text.end();
}

bool is_secret_option(std::string_view name) {
  return holds(name, "pass") || holds(name, "secret") || holds(name, "token");
}

/// What stands behind "://": user and password first.
std::string redact_password(std::string_view rest) {
  const std::size_t at = rest.rfind('@');  // the last one: an unescaped one may be in the password
  const std::size_t colon = rest.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= at)
    return std::string(rest);
  return std::string(rest.substr(0, colon + 1)).append(k_hidden).append(rest.substr(at));
}

std::string redact_options(std::string_view rest) {
  const std::size_t question = rest.find_first_of("?&");  // a broken URL may have lost the first
  if (question == std::string_view::npos) return std::string(rest);
  std::string result(rest.substr(0, question));
  std::string_view options = rest.substr(question);
  while (!options.empty()) {  // each begins with '?' or '&'
    const std::string_view option = options.substr(0, options.find('&', 1));
    const std::size_t equals = option.find('=');
    const bool hidden = equals != std::string_view::npos && equals + 1 < option.size() &&
                        is_secret_option(option.substr(1, equals - 1));
    result.append(hidden ? option.substr(0, equals + 1) : option).append(hidden ? k_hidden : "");
    options.remove_prefix(option.size());
  }
  return result;
}

}  // namespace

std::string redact_urls(std::string_view text) {
  std::string result;
  for (std::size_t separator = text.find(k_separator); separator != std::string_view::npos;
       separator = text.find(k_separator)) {
    const std::size_t begin = separator + k_separator.size();
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'", begin), text.size());
    result.append(text.substr(0, begin));
    result += redact_options(redact_password(text.substr(begin, end - begin)));
    text.remove_prefix(end);
  }
  return result.append(text);
}

}  // namespace halcyon::db
