// Copies of a line's length. Private to docker_api.
#pragma once

#include <cstddef>
#include <cstring>

namespace halcyon::docker_api {

inline constexpr std::size_t k_short_copy_slack_bytes = 16;
/// From here on memcpy is faster.
inline constexpr std::size_t k_short_copy_limit_bytes = 256;

/// Copies `count` bytes forward in blocks, for which a call of memcpy would take longer than its work. May
/// read and write up to k_short_copy_slack_bytes behind the end of either side, which must be there; `to` may
/// overlap with `from` if it lies at least that much in front of it.
inline void copy_short(char* to, const char* from, std::size_t count) noexcept {
  typedef char Block __attribute__((vector_size(k_short_copy_slack_bytes)));  // one register
  for (std::size_t done = 0; done < count; done += sizeof(Block)) {
    Block block;
    std::memcpy(&block, from + done, sizeof block);
    std::memcpy(to + done, &block, sizeof block);
  }
}

}  // namespace halcyon::docker_api
