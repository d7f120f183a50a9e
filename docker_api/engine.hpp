// The Engine client: negotiation, kept connections, requests and streams. The typed calls are free functions
// in system.hpp, images.hpp, containers.hpp, networks.hpp and volumes.hpp, one file per resource.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_api/api_version.hpp"
#include "docker_api/engine_address.hpp"
#include "docker_api/http.hpp"

/// A client of the Docker Engine API, and HTTP/1.1 over unix sockets, TCP, TLS and ssh.
namespace halcyon::docker_api {

/// How many idle connections a client keeps.
inline constexpr std::size_t k_kept_connections = 6;
inline constexpr std::chrono::seconds k_idle_limit{5};  ///< Podman closes idle connections after 10 s (G40)

/// Docker's own engine, or Podman behind the same API.
enum class EngineKind { docker, podman };

/// One request to the engine; the version prefix is added when it is sent.
struct EngineRequest {
  std::string method = "GET";
  std::string path;                                        ///< "/containers/create", ids percent-encoded
  std::vector<std::pair<std::string, std::string>> query;  ///< encoded when sent
  std::string json_body;                                   ///< non-empty: Content-Type application/json
  Secret secret_json_body = {};                            ///< the same, kept where no core dump looks
  std::string content_type;                                ///< with body_source: application/x-tar
  std::shared_ptr<BodySource> body_source;
  std::vector<HttpHeader> headers;  ///< X-Registry-Auth and the like
  HttpDeadlines deadlines;
  bool versioned = true;  ///< false for /_ping
  bool upgrade = false;   ///< for open_duplex()
};

/// The body of a streaming answer; owns its connection and returns it to the pool only when read to the end.
class ResponseStream {
 public:
  ResponseStream(ResponseStream&&) noexcept;
  ResponseStream& operator=(ResponseStream&&) noexcept;
  ~ResponseStream();

  /// The answer's status, below 300 or 304.
  int status() const noexcept { return head_.status; }
  /// Status and headers; the body stays empty.
  const HttpResponse& head() const noexcept { return head_; }
  /// "GET /containers/x/logs", for messages.
  const std::string& endpoint() const noexcept;
  /// The version that was negotiated, "1.41", for messages.
  std::string api_version() const;
  /// The next bytes; empty at the clean end. Errors: as HttpConnection, with endpoint and version filled in.
  boost::asio::awaitable<std::string_view> read_some();
  /// The same, waiting for `at_most` instead of the request's idle deadline.
  boost::asio::awaitable<std::string_view> read_some(std::chrono::milliseconds at_most);
  /// The same from what has arrived already, which costs no coroutine; nothing if that is not enough.
  std::optional<std::string_view> read_buffered();
  /// The request's idle deadline.
  std::optional<std::chrono::milliseconds> idle() const noexcept;

 private:
  friend class Engine;
  boost::asio::awaitable<std::string_view> read_piece(HttpDeadlines deadlines);
  ResponseStream(std::unique_ptr<struct StreamState> state, HttpResponse head);
  std::unique_ptr<struct StreamState> state_;
  HttpResponse head_;
};

/// A two-way stream of bytes, of attach and exec. Owns its connection, which is never used again.
///
/// One coroutine may read while another writes.
class DuplexStream {
 public:
  DuplexStream(DuplexStream&&) noexcept;
  DuplexStream& operator=(DuplexStream&&) noexcept;
  ~DuplexStream();

  /// 101, or 200 from an old engine or through a proxy.
  int status() const noexcept { return head_.status; }
  /// Status and headers; the body stays empty.
  const HttpResponse& head() const noexcept { return head_; }
  /// "POST /exec/x/start", for messages.
  const std::string& endpoint() const noexcept;
  /// The version that was negotiated, "1.41", for messages.
  std::string api_version() const;
  /// The next bytes, valid until the next call; empty when the engine has closed its side.
  boost::asio::awaitable<std::string_view> read_some();
  /// The same from what has arrived already; nothing if that is not enough.
  std::optional<std::string_view> read_buffered();
  /// False if the engine reads no more. Errors: cancelled.
  boost::asio::awaitable<bool> write(std::string_view bytes);
  /// Ends our side; reading goes on.
  boost::asio::awaitable<void> end_writing();

 private:
  friend class Engine;
  DuplexStream(std::unique_ptr<struct StreamState> state, HttpResponse head);
  std::unique_ptr<struct StreamState> state_;
  HttpResponse head_;
};

/// What goes with every request and connection of an Engine.
struct EngineSettings {
  std::vector<HttpHeader> headers;       ///< added to each request: HttpHeaders of config.json
  std::vector<std::string> environment;  ///< "NAME=value" lines for an ssh process: PATH, SSH_AUTH_SOCK, HOME
  /// For a connection to be there, handshake included; a request may say otherwise.
  std::chrono::milliseconds connect = std::chrono::seconds{5};
};

/// A client of one engine.
///
/// Owns:    up to k_kept_connections idle connections, each dropped after k_idle_limit or when found stale
///          (G40).
/// Threads: one, the executor's. Concurrent coroutines on it are fine: each takes its own connection, and
///          concurrent first requests share one ping.
/// Retry:   a request is sent again once, on a fresh connection, only if it went out on a kept connection
///          that gave not one byte back and the method is GET or HEAD.
class Engine {
 public:
  /// Remembers where the engine is; connects at the first call.
  Engine(boost::asio::any_io_executor executor, EngineAddress address, EngineSettings settings = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Where the engine is.
  const EngineAddress& address() const noexcept;
  /// What its operations run on.
  boost::asio::any_io_executor executor() const noexcept;

  /// The version both sides speak; asks `GET /_ping` on first use.
  ///
  /// Errors: unreachable, timeout, unsupported; a failure is not remembered.
  boost::asio::awaitable<ApiVersion> api_version();
  /// The same if it is known already; asks nobody.
  std::optional<ApiVersion> known_api_version() const noexcept;
  /// Who answers there, by the headers of the same ping. Errors: as api_version().
  boost::asio::awaitable<EngineKind> kind();

  /// Sends a request and reads the whole answer.
  ///
  /// Errors: any status >= 400 is thrown as Error with the engine's text; `{"message"}`, plain text and HTML
  ///         bodies are all understood (G33). 304 is returned, not thrown (G21).
  boost::asio::awaitable<HttpResponse> call(EngineRequest request);

  /// Sends a request and returns once the head is there. Errors: as call().
  boost::asio::awaitable<ResponseStream> open_stream(EngineRequest request);
  /// Sends a request that turns its connection into a two-way stream. Nothing may be written before this
  /// returns: engines lose what comes earlier (G1). Errors: as call(), the engine's words included (G5).
  boost::asio::awaitable<DuplexStream> open_duplex(EngineRequest request);

 private:
  friend struct StreamState;
  struct Impl;
  boost::asio::awaitable<struct Peer> meet();
  std::shared_ptr<Impl> impl_;
};

}  // namespace halcyon::docker_api
