// A stream socket, unix or TCP, whose operations end at a deadline. Private to docker_api.
//
// beast::basic_stream does this with a fresh timer wait for every read and write; here one wait outlives many
// operations and is only moved when it fires, so that a round trip on a kept connection costs no timer at
// all.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace halcyon::docker_api {

enum class IoOutcome {
  done,         ///< `bytes` were moved
  failed,       ///< `error` says why; boost::asio::error::eof when the peer has closed its side
  timed_out,    ///< the deadline passed
  cancelled,    ///< the caller's cancellation slot was used, or the socket was closed under the operation
  interrupted,  ///< a write gave way, nothing written: the peer has sent something first
};

struct IoResult {
  IoOutcome outcome = IoOutcome::done;
  std::size_t bytes = 0;
  boost::system::error_code error;
};

/// Threads: one at a time, the executor's. At most one read or write in flight.
class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
 public:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;
  using Pieces = std::array<boost::asio::const_buffer, 3>;

  explicit TimedSocket(const boost::asio::any_io_executor& executor);

  /// Sets when the following operations end; nothing: never.
  void set_deadline(std::optional<std::chrono::milliseconds> from_now);

  boost::asio::awaitable<IoResult> connect(Endpoint endpoint);
  boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer into);
  /// Writes what fits without waiting; 0 bytes if nothing does. It nearly always fits, and saves a turn of
  /// the loop.
  IoResult write_now(const Pieces& pieces);
  /// Writes when there is room. `give_way`: end as interrupted if the peer speaks first (G18).
  boost::asio::awaitable<IoResult> write_some(Pieces pieces, bool give_way);

  /// True if reading would not block: the peer has closed or sent something.
  bool is_readable() noexcept;
  void close() noexcept;

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
  bool write_waits_ = false;
  bool interrupted_ = false;
};

}  // namespace halcyon::docker_api
