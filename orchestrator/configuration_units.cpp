#include "orchestrator/configuration_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

namespace halcyon::orchestrator {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_longest_duration = std::chrono::hours(24);
constexpr std::uint64_t k_largest_size = k_kib * k_kib * k_kib * k_kib * k_kib;

struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;
};

/// Digits, then letters; at most 15 digits, so that nothing overflows later without being seen.
std::optional<Quantity> split_quantity(std::string_view text) noexcept {
  Quantity quantity;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, quantity.number);
  const auto digits = static_cast<std::size_t>(rest - text.data());
  if (error != std::errc{} || digits == 0 || digits > 15) return std::nullopt;
  quantity.unit = text.substr(digits);
  return quantity;
}

std::uint64_t milliseconds_in(std::string_view unit) noexcept {
  if (unit == "ms") return 1;
  if (unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return 0;
}

std::uint64_t bytes_in(std::string_view unit) noexcept {
  if (unit == "KiB" || unit == "k" || unit == "K") return k_kib;
  if (unit == "MiB" || unit == "m" || unit == "M") return k_kib * k_kib;
  if (unit == "GiB" || unit == "g" || unit == "G") return k_kib * k_kib * k_kib;
  return 0;
}

/// number * factor if that is at most `limit`.
std::optional<std::uint64_t> bounded_product(std::uint64_t number, std::uint64_t factor,
                                             std::uint64_t limit) {
  if (factor == 0 || number > limit / factor) return std::nullopt;
  return number * factor;
}

/// Edits (insert, remove, replace, swap of neighbours) that turn one into the other.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_previous;
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = left[i - 1] == right[j - 1];
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        current[j] = std::min(current[j], before_previous[j - 2] + 1);
    }
    before_previous = std::exchange(previous, current);
  }
  return previous[right.size()];
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
  const auto quantity = split_quantity(text);
  if (!quantity) return std::nullopt;
  const auto limit = static_cast<std::uint64_t>(k_longest_duration.count());
  const auto product = bounded_product(quantity->number, milliseconds_in(quantity->unit), limit);
  if (!product) return std::nullopt;
  return milliseconds(static_cast<milliseconds::rep>(*product));
}

std::string duration_text(milliseconds duration) {
  const auto count = duration.count();
  if (count == 0) return "0s";
  if (count % 3'600'000 == 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0) return fmt::format("{}m", count / 60'000);
  if (count % 1'000 == 0) return fmt::format("{}s", count / 1'000);
  return fmt::format("{}ms", count);
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  const auto quantity = split_quantity(text);
  if (!quantity) return std::nullopt;
  return bounded_product(quantity->number, bytes_in(quantity->unit), k_largest_size);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes == 0 || bytes % k_kib != 0) return fmt::format("{}", bytes);
  if (bytes % (k_kib * k_kib * k_kib) == 0) return fmt::format("{}GiB", bytes / (k_kib * k_kib * k_kib));
  if (bytes % (k_kib * k_kib) == 0) return fmt::format("{}MiB", bytes / (k_kib * k_kib));
  return fmt::format("{}KiB", bytes / k_kib);
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::optional<std::string_view> nearest_word(std::string_view text,
                                             const std::vector<std::string_view>& known) {
  if (text.size() > 64) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t least = std::max<std::size_t>(2, text.size() / 3) + 1;
  for (const std::string_view word : known) {
    const std::size_t edits = distance(text, word);
    if (edits < least && edits < word.size()) {
      least = edits;
      nearest = word;
    }
  }
  return nearest;
}

}  // namespace halcyon::orchestrator
