#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>

namespace halcyon::fuzz {

std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

std::vector<std::string_view> split(std::string_view text, std::string_view pattern) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; !text.empty(); ++i) {
    std::size_t size = text.size();
    if (!pattern.empty()) size = static_cast<unsigned char>(pattern[i % pattern.size()]);
    size = std::clamp<std::size_t>(size, 1, text.size());
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

}  // namespace halcyon::fuzz
