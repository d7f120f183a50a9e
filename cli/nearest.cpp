#include "cli/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace halcyon::cli {
namespace {

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    const bool is_beginning = word.size() >= 2 && candidate.starts_with(word);
    const std::size_t away = is_beginning ? 1 : distance(word, candidate);
    if (away < best) {
      best = away;
      nearest = &candidate;
    }
  }
  return nearest == nullptr ? std::string() : ", did you mean '" + *nearest + "'?";
}

}  // namespace halcyon::cli
