// What secret_holder.cpp holds, and test_secret_memory.cpp looks for. Both compute it: neither can have it
// from the other's memory.
#pragma once

#include <cstddef>
#include <string>

namespace halcyon::docker_api {

enum class HeldText { password, marker };

/// Letters that look like nothing else in a process.
inline char letter_of(HeldText text, std::size_t index) {
  const std::size_t seed = text == HeldText::password ? 11 : 5;
  return static_cast<char>('a' + (index * index * 7 + index * seed + seed) % 26);
}
inline constexpr std::size_t k_held_letters = 48;

inline std::string text_of(HeldText text) {
  std::string letters;
  for (std::size_t i = 0; i < k_held_letters; ++i) letters.push_back(letter_of(text, i));
  return letters;
}

}  // namespace halcyon::docker_api
