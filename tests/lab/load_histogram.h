// Latencies in logarithmic buckets of at most 1.6 % width: any number of samples in a fixed 30 KB.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace halcyon::lab {

class Histogram {
 public:
  void add(std::chrono::nanoseconds latency) {
    const auto ticks = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ticks, 0));
    ++buckets_[index_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  std::uint64_t count() const { return count_; }
  double max_ms() const { return static_cast<double>(max_) / 1000; }

  double quantile_ms(double quantile) const {
    const auto wanted = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) return static_cast<double>(std::min(upper_end_of(i), max_)) / 1000;
    }
    return max_ms();
  }

 private:
  static constexpr unsigned k_exact_bits = 7;  // values below 128 us have a bucket each
  static constexpr std::uint64_t k_half = 1u << (k_exact_bits - 1);

  static std::size_t index_of(std::uint64_t value) {
    const auto bits = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = bits > k_exact_bits ? bits - k_exact_bits : 0;
    return shift * k_half + (value >> shift);
  }
  static std::uint64_t upper_end_of(std::size_t index) {
    if (index < 2 * k_half) return index;
    const std::uint64_t shift = index / k_half - 1;
    return ((index - shift * k_half + 1) << shift) - 1;
  }

  std::array<std::uint64_t, k_half * (64 - k_exact_bits + 2)> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace halcyon::lab
