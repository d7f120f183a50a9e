// The two-way stream of an attached container or a started exec.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "docker_api/engine.hpp"
#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api {

/// What a process writes, piece by piece, and its standard input.
///
/// Owns:    a connection. The engine writes to it synchronously, so whoever does not read holds up the
///          container (G10): read to the end or destroy it.
/// Threads: one coroutine may read while another writes.
/// Ends:    clean end, the engine's own error, truncation and cancellation are four different results of
///          next().
class ProcessStream {
 public:
  /// Takes over a hijacked connection; attach_container() and start_exec() make one.
  ProcessStream(DuplexStream stream, bool multiplexed);
  ProcessStream(ProcessStream&&) noexcept;
  ProcessStream& operator=(ProcessStream&&) noexcept;
  ~ProcessStream();

  /// "POST /exec/x/start", for messages.
  const std::string& endpoint() const noexcept;
  /// The next piece of output, valid until the next call; nothing at the end. With a terminal all of it is
  /// stdout.
  ///
  /// Errors: truncated, protocol, in_stream (the engine's words), cancelled. That the process could not be
  ///         started is told by its exit code, not here (G6).
  boost::asio::awaitable<std::optional<LogPiece>> next();
  /// Writes to the process's standard input. False if it reads no more. Errors: cancelled.
  boost::asio::awaitable<bool> write(std::string_view bytes);
  /// Closes its standard input; its output can still be read (G9).
  boost::asio::awaitable<void> end_writing();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halcyon::docker_api
