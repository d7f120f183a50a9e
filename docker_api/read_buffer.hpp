// Bytes read from a socket and not yet parsed. Private to docker_api.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace halcyon::docker_api {

/// A buffer that starts small, grows when a read has filled it, and moves bytes only when it must.
class ReadBuffer {
 public:
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  std::string_view view() const noexcept { return {bytes_.get() + begin_, size()}; }
  /// The same bytes, for a decoder that works in place.
  std::span<char> span() noexcept { return {bytes_.get() + begin_, size()}; }
  void consume(std::size_t count) noexcept { begin_ += count; }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Free room at the end; invalidates views.
  std::span<char> prepare() {
    const bool was_filled = end_ == room_;
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (room_ == 0) {
      grow(k_first_bytes);
    } else if (end_ == room_) {
      grow(std::max(room_ * 2, k_usual_bytes));
    } else if (was_filled && room_ < k_usual_bytes) {
      grow(k_usual_bytes);
    }
    return {bytes_.get() + end_, room_ - end_};
  }

  /// True if it is empty and larger than what a quiet peer needs.
  bool is_spare() const noexcept { return empty() && room_ > k_first_bytes; }
  /// Gives the room back, for a wait that may be long; the next prepare() begins small again.
  void release() noexcept {
    bytes_.reset();
    room_ = begin_ = end_ = 0;
  }

 private:
  // A head and a short answer fit into the first; of the usual size a read is as fast as it gets.
  static constexpr std::size_t k_first_bytes = std::size_t{8} * 1024;
  static constexpr std::size_t k_usual_bytes = std::size_t{64} * 1024;

  void grow(std::size_t room) {
    auto larger = std::make_unique_for_overwrite<char[]>(room);
    if (end_ > 0) std::memcpy(larger.get(), bytes_.get(), end_);
    bytes_ = std::move(larger);
    room_ = room;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t room_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace halcyon::docker_api
