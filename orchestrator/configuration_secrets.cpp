#include "orchestrator/configuration_check.hpp"

#include <algorithm>
#include <array>

namespace halcyon::orchestrator {
namespace {

constexpr std::array<std::string_view, 12> k_secret_words = {"PASS",       "SECRET", "TOKEN", "KEY",
                                                             "CREDENTIAL", "AUTH",   "SALT",  "PRIVATE",
                                                             "COOKIE",     "CERT",   "DSN",   "PWD"};

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool holds_word(std::string_view name, std::string_view word) noexcept {
  return std::search(name.begin(), name.end(), word.begin(), word.end(),
                     [](char left, char right) { return upper(left) == right; }) != name.end();
}

/// `scheme://user:password@host`.
bool holds_credentials(std::string_view value) noexcept {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = value.substr(scheme + 3);
  return rest.substr(0, rest.find('/')).find('@') != std::string_view::npos;
}

/// 16 or more letters and digits in a row, with digits among them: a generated value and not a word.
bool looks_generated(std::string_view value) noexcept {
  std::size_t length = 0;
  std::size_t digits = 0;
  for (const char c : value) {
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = upper(c) >= 'A' && upper(c) <= 'Z';
    length = is_digit || is_letter ? length + 1 : 0;
    digits = length == 0 ? 0 : digits + (is_digit ? 1 : 0);
    if (length >= 16 && digits >= 3) return true;
  }
  return false;
}

/// The length of the UTF-8 sequence at the beginning of `text`; 0 if there is none.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
  if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

bool looks_secret(std::string_view name, std::string_view value) noexcept {
  return std::any_of(k_secret_words.begin(), k_secret_words.end(),
                     [&](std::string_view word) { return holds_word(name, word); }) ||
         holds_credentials(value) || looks_generated(value);
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace halcyon::orchestrator
