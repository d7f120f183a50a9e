// What an HTTP message travels over: a stream of bytes whose operations end at a deadline. Private to
// docker_api.
//
// timed_socket.hpp is the plain one (unix, TCP, the pipe to an ssh process), tls_transport.hpp wraps it.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace halcyon::docker_api {

enum class IoOutcome {
  done,         ///< `bytes` were moved
  failed,       ///< `error` says why; boost::asio::error::eof when the peer has closed its side
  timed_out,    ///< the deadline passed
  cancelled,    ///< the caller's cancellation slot was used, or the stream was closed under the operation
  interrupted,  ///< a write gave way, nothing written: the peer has sent something first
};

struct IoResult {
  IoOutcome outcome = IoOutcome::done;
  std::size_t bytes = 0;
  boost::system::error_code error;
};

/// Threads: one at a time, the executor's. At most one read and one write in flight.
class Transport {
 public:
  using Pieces = std::array<boost::asio::const_buffer, 3>;

  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Sets when the following operations end; nothing: never.
  virtual void set_deadline(std::optional<std::chrono::milliseconds> from_now) = 0;
  virtual boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer into) = 0;
  /// Reads what is there without waiting; 0 bytes if nothing is, or if only read_some() can tell.
  virtual IoResult read_now(boost::asio::mutable_buffer) { return {}; }
  /// Takes what fits without waiting; 0 bytes if nothing does. It nearly always fits, and saves a turn of
  /// the loop.
  virtual IoResult write_now(const Pieces& pieces) = 0;
  /// Writes when there is room, what is unsent first. `give_way`: end as interrupted if the peer speaks first
  /// (G18).
  virtual boost::asio::awaitable<IoResult> write_some(Pieces pieces, bool give_way) = 0;
  /// True if bytes were taken that have not gone out: write_some() with nothing more to say sends them.
  virtual bool has_unsent() const noexcept { return false; }
  /// Tells the peer that no more will be written; reading goes on (G9).
  virtual boost::asio::awaitable<IoResult> end_writing() = 0;
  /// True if a read would end at once: with bytes, or because the peer has closed. Does not block.
  virtual bool is_readable() noexcept = 0;
  virtual void close() noexcept = 0;
  /// What else is known about why it ended, such as the last words of an ssh process; often nothing.
  virtual std::string explain_end() { return {}; }
  /// Asked before the peer's end is taken for the clean end of a stream: eof, or what is known against that.
  virtual boost::asio::awaitable<IoResult> judge_end() {
    co_return IoResult{IoOutcome::failed, 0, boost::asio::error::eof};
  }
  /// True if the peer ended it instead of letting us in: no request can have reached an engine.
  virtual bool was_turned_away() { return false; }
};

class HttpConnection;

/// An HTTP connection over a transport that is open already. Defined in http.cpp.
std::unique_ptr<HttpConnection> make_http_connection(std::shared_ptr<Transport> transport);

}  // namespace halcyon::docker_api
