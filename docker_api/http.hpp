// One HTTP/1.1 connection and the messages on it. Beast stays inside http.cpp.
//
// Used by the Engine client and by anyone else who must speak HTTP (the health gate, the probe through
// nginx). Nothing here retries or follows redirects.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/engine_address.hpp"
#include "docker_api/secret.hpp"

namespace halcyon::docker_api {

/// One line of a head.
struct HttpHeader {
  std::string name;
  std::string value;
  Secret secret = {};  ///< if set, sent in place of `value`, and kept where no core dump looks
};

/// Produces a request body piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// How long the body is, if that is known: then it is sent with Content-Length, otherwise in chunks.
  virtual std::optional<std::uint64_t> size_bytes() const { return std::nullopt; }
  /// The next piece, valid until the next call; empty at the end.
  virtual std::string_view read() = 0;
};

/// A longer head of an answer is an error.
inline constexpr std::size_t k_http_head_limit_bytes = std::size_t{64} * 1024;

/// A request as it will be written.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";        ///< path and query, already percent-encoded
  std::string host = "localhost";  ///< the Host header
  std::vector<HttpHeader> headers;
  std::string body;         ///< sent with Content-Length (also when empty and method is POST or PUT)
  Secret secret_body = {};  ///< if set, sent in place of `body`
  std::shared_ptr<BodySource> body_source;  ///< if set, sent in place of both
  /// If set, a body waits that long for the peer's word to go on (`Expect: 100-continue`), and is not sent at
  /// all if a final answer comes instead.
  std::optional<std::chrono::milliseconds> expect_continue = {};
  bool keep_alive = true;  ///< false sends `Connection: close`
  bool upgrade = false;    ///< asks for a two-way stream of bytes: `Connection: Upgrade`, `Upgrade: tcp` (G3)
  std::size_t head_limit_bytes = k_http_head_limit_bytes;  ///< of the answer
};

/// An answer; of a streamed one, its head.
struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  /// The first header of that name (case does not matter).
  std::optional<std::string_view> find_header(std::string_view name) const;
};

/// How long each part may take; nothing means for ever (events, wait, followed logs).
struct HttpDeadlines {
  std::optional<std::chrono::milliseconds> connect = std::chrono::seconds{5};
  std::optional<std::chrono::milliseconds> head =
      std::chrono::seconds{30};  ///< from sending to the last header
  std::optional<std::chrono::milliseconds> idle =
      std::chrono::seconds{30};  ///< for the next piece of the body
  /// Of a stream: fewer bytes than that in as much waiting are as good as none; 0: any byte will do.
  std::size_t idle_bytes = 0;
  std::optional<std::chrono::milliseconds> whole =
      std::chrono::minutes{5};  ///< for a body that is read at once, however it trickles; streams have none
};

/// The usual limit of a body that is read at once.
inline constexpr std::size_t k_http_body_limit_bytes = std::size_t{32} * 1024 * 1024;

class Connector;

/// A connection to an address: a unix socket, TCP, TLS or ssh.
///
/// Errors:   Error of kind unreachable (ENOENT, EACCES and refused explained), timeout, truncated, protocol,
/// cancelled.
///           in_doubt() is set from the first byte of the request sent until the head of the answer has
///           arrived.
/// Threads:  one at a time, on the executor it was opened with.
/// Cancellation: Asio's per-operation slots; a cancelled or failed exchange closes the connection.
class HttpConnection {
 public:
  /// Connects. Errors: unreachable, timeout, cancelled, invalid_argument.
  static boost::asio::awaitable<std::unique_ptr<HttpConnection>> open(
      boost::asio::any_io_executor executor, EngineAddress address,
      std::optional<std::chrono::milliseconds> deadline);
  /// The same through a connector, which reads certificates once for many connections.
  static boost::asio::awaitable<std::unique_ptr<HttpConnection>> open(
      std::shared_ptr<Connector> connector, std::optional<std::chrono::milliseconds> deadline);
  virtual ~HttpConnection() = default;

  /// Sends the request and reads the head; the body is left to read_some(). If the peer answers while the
  /// body is still being sent, or closes its side, the answer is read all the same (G18).
  virtual boost::asio::awaitable<HttpResponse> begin(HttpRequest request, HttpDeadlines deadlines) = 0;
  /// The next bytes of the body; empty at its clean end. The view is valid until the next call.
  virtual boost::asio::awaitable<std::string_view> read_some(HttpDeadlines deadlines) = 0;
  /// After an upgrade was granted (status 101, or 200 from an older engine or a proxy): sends bytes to the
  /// peer. May run beside read_some(). False if the peer reads no more; what it has said can still be read.
  ///
  /// Errors: timeout after deadlines.idle, cancelled.
  virtual boost::asio::awaitable<bool> write(std::string_view bytes, HttpDeadlines deadlines) = 0;
  /// Tells the peer that no more will be written; reading goes on (G9).
  virtual boost::asio::awaitable<void> end_writing(HttpDeadlines deadlines) = 0;
  /// Like read_some(), but only from what has arrived already; nothing if that is not enough. Does not wait.
  virtual std::optional<std::string_view> read_buffered() = 0;
  /// True once a byte of the answer to the latest request has arrived: the peer has taken the request up.
  virtual bool has_answered() const = 0;
  /// True after a body was read to its end on a connection that both sides keep alive.
  virtual bool is_reusable() const = 0;
  /// True if the peer has closed, or sent something unasked, while the connection was idle. Does not block.
  virtual bool is_stale() = 0;
  /// Ends the connection; what is in flight is cancelled.
  virtual void close() noexcept = 0;
};

/// Sends `request` on `connection` and reads the whole answer.
///
/// Errors: as HttpConnection; protocol if the body is longer than `body_limit_bytes`.
boost::asio::awaitable<HttpResponse> exchange(HttpConnection& connection, HttpRequest request,
                                              HttpDeadlines deadlines,
                                              std::size_t body_limit_bytes = k_http_body_limit_bytes);

/// Percent-encodes everything but unreserved characters and '/', ':', '@', which a path may hold: an image's
/// name stays readable.
std::string percent_encode_path(std::string_view text);
/// Percent-encodes everything but unreserved characters.
std::string percent_encode_query(std::string_view text);

}  // namespace halcyon::docker_api
