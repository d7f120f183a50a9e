// The bytes that the sample application sends for /slow and /stream, and that the load generator expects:
// both sides compute them, so a body that was cut, shifted or mixed with another one is seen.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace halcyon::lab {

// 61 is prime: a piece that is lost or doubled in a network buffer's size shifts what follows.
inline constexpr std::string_view k_body_alphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678";

inline std::string body_pattern(std::uint64_t from, std::uint64_t count) {
  std::string piece(count, '\0');
  for (std::uint64_t i = 0; i < count; ++i) piece[i] = k_body_alphabet[(from + i) % k_body_alphabet.size()];
  return piece;
}

inline bool is_body_pattern(std::string_view body) {
  for (std::uint64_t i = 0; i < body.size(); ++i) {
    if (body[i] != k_body_alphabet[i % k_body_alphabet.size()]) return false;
  }
  return true;
}

}  // namespace halcyon::lab
