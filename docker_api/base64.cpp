#include "docker_api/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace halcyon::docker_api {
namespace {

constexpr std::string_view k_url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Never reallocates the text it returns.
template <class Text>
Text encode(std::string_view bytes, std::string_view alphabet) {
  Text text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text.push_back(k <= count ? alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
  }
  return text;
}

/// False for text that is not base64.
template <class Bytes>
bool decode(std::string_view text, Bytes& bytes) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_padding = i >= text.size() - padding;
    const std::size_t digit = is_padding ? 0 : k_alphabet.find(text[i]);
    if (digit == std::string_view::npos) return false;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (const int shift : {16, 8, 0}) bytes.push_back(static_cast<char>(group >> shift & 0xff));
    group = 0;
  }
  bytes.resize(bytes.size() - padding);
  return true;
}

}  // namespace

std::string encode_base64url(std::string_view bytes) { return encode<std::string>(bytes, k_url_alphabet); }
Secret encode_base64url_secret(std::string_view bytes) {
  return Secret(encode<SecretText>(bytes, k_url_alphabet));
}

std::string encode_base64(std::string_view bytes) { return encode<std::string>(bytes, k_alphabet); }
Secret encode_base64_secret(std::string_view bytes) { return Secret(encode<SecretText>(bytes, k_alphabet)); }

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  if (!decode(text, bytes)) return std::nullopt;
  return bytes;
}

std::optional<Secret> decode_base64_secret(std::string_view text) {
  SecretText letters;
  letters.reserve(text.size());
  for (const char c : text) {
    if (c != '\r' && c != '\n') letters.push_back(c);
  }
  SecretText bytes;
  if (!decode(std::string_view(letters.data(), letters.size()), bytes)) return std::nullopt;
  return Secret(std::move(bytes));
}

}  // namespace halcyon::docker_api
