#include "docker_api/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Four letters to up to three bytes; false if they are none. `=` may only stand at the end of the last
/// group.
bool decode_group(std::string_view letters, bool is_last, std::string& bytes) {
  const std::size_t padding = letters.size() - std::min(letters.find('='), letters.size());
  if (padding > 2 || (padding > 0 && !is_last)) return false;
  if (padding == 2 && letters[3] != '=') return false;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t value = i < 4 - padding ? k_alphabet.find(letters[i]) : 0;
    if (value == std::string_view::npos) return false;
    group = group << 6 | static_cast<std::uint32_t>(value);
  }
  for (std::size_t i = 0; i < 3 - padding; ++i)
    bytes.push_back(static_cast<char>(group >> (16 - 8 * i) & 255));
  return true;
}

}  // namespace

std::string encode_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text.push_back(k <= count ? k_url_alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
  }
  return text;
}

std::optional<Secret> decode_base64(std::string_view text) {
  std::string letters;
  const CleanseAtEnd cleanse_letters(letters);
  letters.reserve(text.size());
  for (const char c : text) {
    if (c != '\r' && c != '\n') letters.push_back(c);
  }
  if (letters.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  const CleanseAtEnd cleanse_bytes(bytes);
  bytes.reserve(letters.size() / 4 * 3);
  for (std::size_t i = 0; i < letters.size(); i += 4) {
    if (!decode_group(std::string_view(letters).substr(i, 4), i + 4 == letters.size(), bytes))
      return std::nullopt;
  }
  return Secret(bytes);
}

}  // namespace halcyon::docker_api
