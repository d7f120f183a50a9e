#include "docker_api/chunked_body.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "docker_api/short_copy.hpp"

namespace halcyon::docker_api {
namespace {

/// Chunks up to this are worth a copy; larger ones are handed out where they are.
constexpr std::size_t k_small_chunk_bytes = std::size_t{4} * 1024;
constexpr std::size_t k_skipped_limit_bytes = std::size_t{64} * 1024;
constexpr unsigned k_size_digits = 16;

constexpr std::array<signed char, 256> make_hex_values() {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (signed char digit = 0; digit < 16; ++digit) {
    values[static_cast<unsigned char>("0123456789abcdef"[digit])] = digit;
    values[static_cast<unsigned char>("0123456789ABCDEF"[digit])] = digit;
  }
  return values;
}
constexpr std::array<signed char, 256> k_hex_values = make_hex_values();

int size_digit_value(char c) noexcept { return k_hex_values[static_cast<unsigned char>(c)]; }

struct UsualFraming {
  std::size_t size = 0;   // of the chunk that follows
  std::size_t bytes = 0;  // of the framing itself; 0: it is not the usual one, or not all there
};

/// What nearly always stands between two chunks, `\r\n6c\r\n`.
UsualFraming find_usual_framing(const char* at, const char* end) noexcept {
  constexpr std::size_t k_most_digits = 7;
  constexpr std::size_t k_longest = 2 + k_most_digits + 2;
  if (static_cast<std::size_t>(end - at) < k_longest || at[0] != '\r' || at[1] != '\n') return {};
  std::size_t digits = 0;
  std::size_t size = 0;
  for (int value = size_digit_value(at[2]); value >= 0 && digits < k_most_digits;
       value = size_digit_value(at[2 + digits])) {
    size = size << 4 | static_cast<unsigned>(value);
    ++digits;
  }
  if (size == 0 || at[2 + digits] != '\r' || at[3 + digits] != '\n') return {};
  return {size, digits + 4};
}

/// Moves a chunk's bytes down to where the piece ends; `end` is that of all bytes.
void append_data(char* to, const char* from, std::size_t count, const char* end) {
  const bool has_slack = from - to >= static_cast<std::ptrdiff_t>(k_short_copy_slack_bytes) &&
                         static_cast<std::size_t>(end - from) >= count + k_short_copy_slack_bytes;
  if (has_slack && count <= k_short_copy_limit_bytes) {
    copy_short(to, from, count);
  } else {
    std::memmove(to, from, count);
  }
}

}  // namespace

ChunkedBody::Step ChunkedBody::take(std::span<char> bytes) {
  char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin;
  char* piece = nullptr;
  char* piece_end = nullptr;
  while (at != end) {
    if (part_ == Part::data_end && piece != nullptr) at = join_whole_chunks(at, end, piece_end);
    if (part_ != Part::data) {
      if (at == end || is_done() || is_broken()) break;
      at = take_framing(at, end);
      continue;
    }
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_bytes_, static_cast<std::uint64_t>(end - at)));
    if (piece == nullptr) {
      piece = begin + (at - begin);
      piece_end = piece + count;
    } else if (count <= k_small_chunk_bytes) {
      append_data(piece_end, at, count, end);
      piece_end += count;
    } else {
      break;
    }
    at += count;
    left_bytes_ -= count;
    if (left_bytes_ == 0) part_ = Part::data_end;
  }
  return {{piece, static_cast<std::size_t>(piece_end - piece)}, static_cast<std::size_t>(at - begin)};
}

/// From the end of a chunk's data on: joins small chunks that are there with all of their framing and data.
/// This is the loop that costs; everything unusual is left to the rest.
const char* ChunkedBody::join_whole_chunks(const char* at, const char* end, char*& piece_end) {
  for (;;) {
    const UsualFraming framing = find_usual_framing(at, end);
    if (framing.bytes == 0 || framing.size > k_small_chunk_bytes ||
        framing.size > static_cast<std::size_t>(end - at) - framing.bytes) {
      return at;
    }
    at += framing.bytes;
    append_data(piece_end, at, framing.size, end);
    piece_end += framing.size;
    at += framing.size;
  }
}

const char* ChunkedBody::take_framing(const char* at, const char* end) {
  if (part_ == Part::data_end) {
    if (const UsualFraming framing = find_usual_framing(at, end); framing.bytes > 0) {
      left_bytes_ = framing.size;
      part_ = Part::data;
      return at + framing.bytes;
    }
  }
  while (at != end && part_ != Part::data && !is_done() && !is_broken()) take_framing_byte(*at++);
  return at;
}

void ChunkedBody::begin_data() {
  part_ = left_bytes_ > 0 ? Part::data : Part::line_start;
  digits_ = 0;
  skipped_bytes_ = 0;
}

void ChunkedBody::take_framing_byte(char byte) {
  const auto expect = [this, byte](char wanted, Part next) { part_ = byte == wanted ? next : Part::broken; };
  const auto skip_to_end_of_line = [this, byte](Part next) {
    if (byte == '\r') {
      part_ = next;
    } else if (byte == '\n' || ++skipped_bytes_ > k_skipped_limit_bytes) {
      part_ = Part::broken;
    }
  };
  switch (part_) {
    case Part::size:
      if (const int value = size_digit_value(byte); value >= 0) {
        if (digits_++ == 0) left_bytes_ = 0;
        left_bytes_ = left_bytes_ << 4 | static_cast<unsigned>(value);
        if (digits_ > k_size_digits) part_ = Part::broken;
      } else if (digits_ == 0) {
        part_ = Part::broken;
      } else if (byte == '\r') {
        part_ = Part::size_end;
      } else {
        part_ = byte == ';' || byte == ' ' || byte == '\t' ? Part::extension : Part::broken;
      }
      return;
    case Part::extension:
      return skip_to_end_of_line(Part::size_end);
    case Part::size_end:
      expect('\n', Part::data);
      if (!is_broken()) begin_data();
      return;
    case Part::data_end:
      return expect('\r', Part::data_end_lf);
    case Part::data_end_lf:
      return expect('\n', Part::size);
    case Part::line_start:
      if (byte == '\r') {
        part_ = Part::last_end;
        return;
      }
      part_ = Part::trailer;
      return skip_to_end_of_line(Part::trailer_end);
    case Part::trailer:
      return skip_to_end_of_line(Part::trailer_end);
    case Part::trailer_end:
      return expect('\n', Part::line_start);
    case Part::last_end:
      return expect('\n', Part::done);
    case Part::data:
    case Part::done:
    case Part::broken:
      return;
  }
}

}  // namespace halcyon::docker_api
