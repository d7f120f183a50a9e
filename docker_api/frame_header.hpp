// The header before each frame of multiplexed output. Private to docker_api.
#pragma once

#include <cstddef>
#include <cstdint>

namespace halcyon::docker_api {

inline constexpr std::size_t k_frame_header_bytes = 8;

/// How long the payload behind `header` is: the last four of its eight bytes.
inline std::uint32_t frame_payload_bytes(const unsigned char* header) noexcept {
  return std::uint32_t{header[4]} << 24 | std::uint32_t{header[5]} << 16 | std::uint32_t{header[6]} << 8 |
         header[7];
}

}  // namespace halcyon::docker_api
