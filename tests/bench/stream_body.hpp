// The long answers that stream_server sends, and the raw loop's upload.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halcyon::bench {

inline constexpr std::size_t k_socket_piece_bytes = std::size_t{64} * 1024;

/// `first`, then `repeated` as often as it takes, then `last`; all in chunks, without the chunk that ends
/// them.
struct StreamBody {
  std::string first;
  std::string repeated;
  std::string last;
};

std::string make_chunk(std::string_view bytes);
/// One frame, of which every eighth is stderr's if `number` counts on.
std::string make_log_chunk(std::size_t payload_bytes, std::size_t number = 0);
/// About 1 MiB of frames to repeat.
StreamBody make_log_body(std::size_t payload_bytes);
/// A member that announces 8 GiB would never end: so each 1 MiB is a member of its own.
StreamBody make_archive_body();
/// A member of 1 MiB with its header, without chunks.
std::string make_archive_member();

}  // namespace halcyon::bench
