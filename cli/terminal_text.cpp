#include "cli/terminal_text.hpp"

#include <algorithm>

namespace halcyon::cli {
namespace {

constexpr char k_escape = '\x1b';

/// Length of the escape sequence at the beginning of `text`, which begins with ESC; 1 if it is not complete,
/// so that an unfinished one cannot hide what follows. Source: ECMA-48 (1991), sections 5.4 and 5.6.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) {
    return 1;
  }
  if (text[1] == '[') {
    const std::size_t end = text.find_first_not_of("0123456789:;<=>? !\"#$%&'()*+,-./", 2);
    return end != std::string_view::npos && text[end] >= '@' && text[end] <= '~' ? end + 1 : 1;
  }
  if (std::string_view("]PX^_").find(text[1]) != std::string_view::npos) {
    const std::size_t end = text.find_first_of("\x07\x1b\n", 2);
    if (end == std::string_view::npos || text[end] == '\n') {
      return 1;
    }
    return text[end] == '\x07' ? end + 1 : (text.substr(end).starts_with("\x1b\\") ? end + 2 : 1);
  }
  const std::size_t end = text.find_first_not_of(" !\"#$%&'()*+,-./", 1);
  return end != std::string_view::npos && text[end] >= '0' && text[end] <= '~' ? end + 1 : 1;
}

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< 0: not UTF-8
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) {
    return {byte(0), 1};
  }
  const std::size_t length = byte(0) >= 0xF0 && byte(0) < 0xF5   ? 4
                             : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                             : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                                                                 : 0;
  if (length == 0 || text.size() < length) {
    return {};
  }
  char32_t value = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return {};
    }
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  const bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  return is_overlong || is_surrogate || value > 0x10FFFF ? CodePoint{} : CodePoint{value, length};
}

bool is_deceptive(char32_t c) {
  return (c >= 0x80 && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// Source: Unicode Standard Annex 11, East Asian Width; the large blocks only.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

/// ^G for BEL, as `cat -v` shows it.
std::string caret(char c) { return {'^', static_cast<char>(static_cast<unsigned char>(c) ^ 0x40U)}; }

std::string harmless_control(char c, bool is_last, Lines lines) {
  if (c == '\n') {
    return lines == Lines::several ? "\n" : " ";
  }
  if (c == '\t') {
    return "    ";
  }
  return c == '\r' && is_last ? std::string() : caret(c);
}

}  // namespace

std::string for_terminal(std::string_view text, Lines lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t escape = c == k_escape ? escape_length(text) : 0;
    if (escape > 1) {
      text.remove_prefix(escape);
      continue;
    }
    const CodePoint point = decode(text);
    if (point.length == 1 && (c < ' ' || c == '\x7f')) {
      result += harmless_control(c, text.size() == 1 || text[1] == '\n', lines);
    } else if (point.length == 0 || is_deceptive(point.value)) {
      result += '?';
    } else {
      result += text.substr(0, point.length);
    }
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const CodePoint point = decode(text);
    columns += is_wide(point.value) ? 2 : 1;
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return columns;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) {
    return std::string(text);
  }
  const std::size_t room = columns > 3 ? columns - 3 : columns;
  std::size_t used = 0;
  std::size_t length = 0;
  while (length < text.size()) {
    const CodePoint point = decode(text.substr(length));
    used += is_wide(point.value) ? 2 : 1;
    if (used > room) {
      break;
    }
    length += std::max<std::size_t>(point.length, 1);
  }
  return std::string(text.substr(0, length)) + (columns > 3 ? "..." : "");
}

}  // namespace halcyon::cli
