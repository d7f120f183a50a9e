// A transport that says given pieces and then closes, without a socket: fast enough for a fuzzer.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cstring>
#include <deque>
#include <string_view>
#include <vector>

#include "docker_api/transport.hpp"

namespace halcyon::fuzz {

class ScriptedTransport final : public docker_api::Transport {
 public:
  explicit ScriptedTransport(const std::vector<std::string_view>& pieces)
      : pieces_(pieces.begin(), pieces.end()) {}

  void set_deadline(std::optional<std::chrono::milliseconds>) override {}
  boost::asio::awaitable<docker_api::IoResult> read_some(boost::asio::mutable_buffer into) override {
    if (pieces_.empty())
      co_return docker_api::IoResult{docker_api::IoOutcome::failed, 0, boost::asio::error::eof};
    std::string_view& piece = pieces_.front();
    const std::size_t bytes = std::min(piece.size(), into.size());
    if (bytes > 0) std::memcpy(into.data(), piece.data(), bytes);
    piece.remove_prefix(bytes);
    if (piece.empty()) pieces_.pop_front();
    co_return docker_api::IoResult{.bytes = bytes};
  }
  docker_api::IoResult write_now(const Pieces& pieces) override {
    return {.bytes = boost::asio::buffer_size(pieces)};
  }
  boost::asio::awaitable<docker_api::IoResult> write_some(Pieces pieces, bool) override {
    co_return write_now(pieces);
  }
  boost::asio::awaitable<docker_api::IoResult> end_writing() override { co_return docker_api::IoResult{}; }
  bool is_readable() noexcept override { return !pieces_.empty(); }
  void close() noexcept override {}

 private:
  std::deque<std::string_view> pieces_;
};

}  // namespace halcyon::fuzz
