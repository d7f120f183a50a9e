// One header of a tar archive, read and written. Private to docker_api; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::docker_api {

inline constexpr std::size_t k_tar_block_bytes = 512;
/// The room of ustar for a name, and for the part of a long one that ends at a slash.
inline constexpr std::size_t k_tar_name_bytes = 100;
inline constexpr std::size_t k_tar_prefix_bytes = 155;

/// The kinds of members; others are kept as the archive's own letter.
enum class TarType : char {
  file = '0',
  hard_link = '1',
  symbolic_link = '2',
  character_device = '3',
  block_device = '4',
  directory = '5',
  fifo = '6',
};

struct TarMember {
  std::string name;  ///< as in the archive; of a directory without the slash at its end
  TarType type = TarType::file;
  std::uint32_t mode = 0644;
  std::uint64_t user_id = 0;
  std::uint64_t group_id = 0;
  std::uint64_t size_bytes = 0;  ///< of a file
  timespec modified_at{};        ///< since 1970; before it, the seconds are negative, the nanoseconds never
  std::string link_target = {};  ///< of a link
};

/// A number in octal, or from 2^33 on in binary with the first bit set (GNU). Nothing for anything else.
std::optional<std::uint64_t> parse_tar_number(std::string_view field);
/// True if the block's own checksum is that of its bytes.
bool has_right_tar_checksum(std::string_view block);
std::uint64_t padded_to_tar_block(std::uint64_t bytes);
/// A pax time: seconds with a fraction, "-1.5"; digits behind the ninth are dropped. Nothing for anything
/// else.
std::optional<timespec> parse_pax_time(std::string_view text);

/// Calls `take(key, value)` for each record such as "20 size=9663676416\n"; stops where it is malformed.
template <class Take>
void for_each_pax_record(std::string_view records, Take take);

/// Appends the member's header, and a pax header before it for what ustar has no room for: a name over 100
/// bytes (or 255 with a slash in the right place), a link over 100, a file from 8 GiB on, a time before 1970
/// or with a fraction of a second. Large ids go in GNU's binary form.
///
/// Source: POSIX.1-2017 pax, ustar and pax extended headers.
void append_tar_header(std::string& out, const TarMember& member);

// What follows is the template's body.
std::optional<std::string_view> take_pax_record(std::string_view& records);

template <class Take>
void for_each_pax_record(std::string_view records, Take take) {
  while (const auto record = take_pax_record(records)) {
    const std::size_t equals = record->find('=');
    if (equals == std::string_view::npos) return;
    take(record->substr(0, equals), record->substr(equals + 1));
  }
}

}  // namespace halcyon::docker_api
