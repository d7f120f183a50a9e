// HTTP/1.1 to any server: URLs, kept connections, redirects if asked for. For those who speak to something
// else than an engine: object stores, webhooks, health checks.
//
// No proxies, no cookies, no compression, no HTTP/2, no international names: whoever needs those needs
// another library.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/http.hpp"
#include "docker_api/url.hpp"

namespace halcyon::docker_api {

inline constexpr std::size_t k_kept_origins = 16;  ///< servers to which connections are kept

/// A request to a URL.
struct UrlRequest {
  std::string method = "GET";
  Url url;
  std::vector<HttpHeader> headers;  ///< none of Host, Connection, Content-Length, Transfer-Encoding, Expect:
                                    ///< those are written here
  std::string body;
  Secret secret_body = {};  ///< sent in place of `body`, kept where no core dump looks
  std::shared_ptr<BodySource>
      body_source;  ///< sent in place of both; with Content-Length if it knows its size
  std::optional<std::chrono::milliseconds> expect_continue = {};  ///< as HttpRequest::expect_continue
  HttpDeadlines
      deadlines;  ///< each for every connection and redirect; request() ends after `whole` in any case
  std::size_t head_limit_bytes = k_http_head_limit_bytes;
  std::size_t body_limit_bytes = k_http_body_limit_bytes;  ///< for request()
  /// May be sent a second time if a kept connection was lost unheard. GET, HEAD and OPTIONS always may, a
  /// `body_source` never. A PUT that only succeeds once ("If-None-Match: *") should not.
  bool may_be_repeated = false;
  unsigned redirects = 0;  ///< how many are followed; 0: a redirect is an answer like any other
};

/// An answer that was read whole.
struct UrlAnswer {
  HttpResponse response;
  Url url;  ///< who answered, after all redirects
};

/// The body of an answer, read piece by piece; the server waits while nobody reads. Owns its connection,
/// which is kept for others only when the body was read to its end.
class UrlStream {
 public:
  UrlStream(UrlStream&&) noexcept;
  UrlStream& operator=(UrlStream&&) noexcept;
  ~UrlStream();

  /// Status and headers; its body stays empty.
  const HttpResponse& head() const noexcept;
  /// Who answered, after all redirects.
  const Url& url() const noexcept;
  /// The next bytes, valid until the next call; empty at the clean end. Errors: truncated, timeout, protocol,
  /// cancelled.
  boost::asio::awaitable<std::string_view> read_some();

 private:
  friend class HttpClient;
  struct State;
  explicit UrlStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A client of any number of servers.
///
/// Status:    every status is an answer, 500 as well as 200: the caller knows what it means.
/// Redirects: 301, 302, 303, 307 and 308 with a Location, if asked for. 303 becomes a GET (HEAD stays), 301
/// and 302
///            make a POST a GET, without body and Content- headers; all else is sent again as it was. To
///            another origin go neither Authorization, Cookie and Proxy-Authorization nor any header with a
///            secret value.
/// Errors:    as HttpConnection, with method and URL (without its query) as endpoint. protocol for a redirect
/// to
///            what is no URL, from https to http, to a socket, after the last one allowed, or if it wants a
///            `body_source` again; for a body over the limit.
/// In doubt:  in_doubt() as HttpConnection says, for the last request sent.
/// Retry:     once, on a fresh connection, if a kept one was lost without one byte of an answer and the
/// request may
///            be repeated.
/// Owns:      idle connections, up to k_kept_connections for each of k_kept_origins origins; each is dropped
/// after
///            k_idle_limit, or when the server has closed it.
/// Threads:   one, the executor's. Concurrent coroutines on it are fine: each takes its own connection.
class HttpClient {
 public:
  /// `tls` is for all https servers: empty, the system's certificate authorities are asked, and the server's
  /// name is always verified and sent along (SNI).
  explicit HttpClient(boost::asio::any_io_executor executor, TlsSettings tls = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends a request and reads the whole answer.
  boost::asio::awaitable<UrlAnswer> request(UrlRequest request);
  /// Sends a request and returns once the head is there.
  boost::asio::awaitable<UrlStream> open(UrlRequest request);

 private:
  friend class UrlStream;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace halcyon::docker_api
