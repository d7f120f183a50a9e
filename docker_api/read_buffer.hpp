// Bytes read from a socket and not yet parsed. Private to docker_api.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace halcyon::docker_api {

/// A buffer that starts small, grows when a read has filled it, and moves bytes only when it must.
class ReadBuffer {
 public:
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  std::string_view view() const noexcept { return {bytes_.data() + begin_, size()}; }
  void consume(std::size_t count) noexcept { begin_ += count; }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Free room at the end; invalidates views.
  std::span<char> prepare() {
    const bool was_filled = end_ == bytes_.size();
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.empty()) {
      bytes_.resize(k_first_bytes);
    } else if (end_ == bytes_.size() || (was_filled && bytes_.size() < k_usual_bytes)) {
      bytes_.resize(bytes_.size() * 2);
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
  }

 private:
  static constexpr std::size_t k_first_bytes = std::size_t{8} * 1024;
  static constexpr std::size_t k_usual_bytes = std::size_t{128} * 1024;

  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace halcyon::docker_api
