// A stream socket, unix or TCP, whose operations end at a deadline. Private to docker_api.
//
// beast::basic_stream does this with a fresh timer wait for every read and write; here one wait outlives many
// operations and is only moved when it fires, so that a round trip on a kept connection costs no timer at
// all.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "docker_api/transport.hpp"

namespace halcyon::docker_api {

class TimedSocket final : public Transport, public std::enable_shared_from_this<TimedSocket> {
 public:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;

  explicit TimedSocket(const boost::asio::any_io_executor& executor);

  boost::asio::awaitable<IoResult> connect(Endpoint endpoint);
  /// Takes over one end of a connected pair of unix sockets.
  void adopt(int socket);

  void set_deadline(std::optional<std::chrono::milliseconds> from_now) override;
  boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer into) override;
  IoResult read_now(boost::asio::mutable_buffer into) override;
  IoResult write_now(const Pieces& pieces) override;
  boost::asio::awaitable<IoResult> write_some(Pieces pieces, bool give_way) override;
  boost::asio::awaitable<IoResult> end_writing() override;
  bool is_readable() noexcept override;
  /// True if the peer's end is gone, not only its writing side. Does not block.
  bool is_closed_by_peer() noexcept;
  void close() noexcept override;

 private:
  using Clock = std::chrono::steady_clock;

  void arm_timer();
  void on_timer(std::uint64_t generation);
  void release_timer_soon();
  void watch_readable();
  IoResult judge(const boost::system::error_code& error, std::size_t bytes, bool caller_cancelled) const;
  boost::asio::awaitable<IoResult> connect_unix(Endpoint endpoint);

  boost::asio::generic::stream_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  Clock::time_point target_ = Clock::time_point::max();
  std::uint64_t timer_generation_ = 0;  // a wait of an older generation has nothing to say any more
  bool timer_armed_ = false;
  bool release_posted_ = false;
  bool expired_ = false;
  bool watching_ = false;
  bool gives_way_ = false;  // a write is waiting that the peer may interrupt
  bool interrupted_ = false;
};

}  // namespace halcyon::docker_api
