// The floor of what a client does: write, read, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "docker_api/engine_address.hpp"

namespace halcyon::bench {

/// A connected socket, blocking. Owns: the descriptor.
///
/// Errors: std::runtime_error; if the answer is not 200, too.
class RawConnection {
 public:
  explicit RawConnection(const docker_api::EngineAddress& address);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// `GET /_ping` and its whole answer.
  void ping();
  /// Sends a GET and reads its chunked answer to the end; nobody looks at it. The bytes read.
  std::uint64_t get(std::string_view target);
  /// Sends a PUT: `piece` so many times, then `last`, all of it in chunks already.
  void put(std::string_view target, std::string_view piece, std::size_t times, std::string_view last);

 private:
  void write_all(std::string_view bytes);
  std::uint64_t read_to_end(std::string_view end);

  // Larger ones were no faster.
  static constexpr std::size_t k_buffer_bytes = std::size_t{64} * 1024;

  static constexpr std::size_t k_kept_bytes = 64;

  int descriptor_ = -1;
  std::vector<char> buffer_ = std::vector<char>(k_kept_bytes + k_buffer_bytes);
};

}  // namespace halcyon::bench
