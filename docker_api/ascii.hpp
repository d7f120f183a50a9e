// Characters and words as protocols compare them, whatever the locale. Private to docker_api; pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace halcyon::docker_api {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Equal but for the case of letters: names of headers, keys of Go's JSON.
constexpr bool is_same_name(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

/// `text` without those of `unwanted` that it begins and ends with.
constexpr std::string_view trim(std::string_view text, std::string_view unwanted) noexcept {
  const std::size_t first = text.find_first_not_of(unwanted);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(unwanted) - first + 1);
}

}  // namespace halcyon::docker_api
