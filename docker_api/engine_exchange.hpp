// What an Engine is made of, and one exchange with it. Private to docker_api.
#pragma once

#include <chrono>

#include "docker_api/connection_pool.hpp"
#include "docker_api/connector.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/negotiation.hpp"

namespace halcyon::docker_api {

struct Engine::Impl {
  std::shared_ptr<Connector> connector;
  std::optional<Peer> peer;  ///< known once the first ping was answered
  std::shared_ptr<Negotiation> negotiation;
  ConnectionPool pool;
  std::vector<HttpHeader> headers;       ///< of every request
  std::chrono::milliseconds connect{0};  ///< of a connection, unless the request says otherwise
  std::string host;                      ///< the Host header
  std::string path_prefix;               ///< before the path of every call
};

/// What an answer needs until its end.
struct StreamState {
  StreamState(std::shared_ptr<Engine::Impl> owner, const EngineRequest& request);

  std::shared_ptr<Engine::Impl> impl;
  std::unique_ptr<HttpConnection> connection;  // null once the body was read to its end
  HttpDeadlines deadlines;
  std::string endpoint;
  bool acts = false;  ///< the request may change something
  /// Since the stream last came fast enough.
  std::chrono::steady_clock::duration waited{0};
  std::size_t bytes_meanwhile = 0;

  /// Errors: timeout if too little has come in all that waiting.
  void take_pace(std::chrono::steady_clock::duration waiting, std::size_t bytes);

  /// The error as this exchange's own: with endpoint and version, and in doubt if a request that acts has no
  /// whole answer: the head says what the engine began to say, not that it did all of it.
  Error with_context(const Error& error) const;
  /// "1.41"; empty before negotiation.
  std::string api_version() const;
  /// Gives the connection back, the body having been read.
  void finish() { impl->pool.give_back(std::move(connection)); }
};

/// Sends the request and reads the head; leaves the connection in `state`.
boost::asio::awaitable<HttpResponse> begin_exchange(StreamState& state, const EngineRequest& request);

/// Reads what has arrived of the body; true if that was all of it. Errors: protocol if longer than
/// `limit_bytes`.
bool read_buffered_body(StreamState& state, HttpResponse& response, std::size_t limit_bytes);
/// Reads the rest of the body.
boost::asio::awaitable<void> read_body(StreamState& state, HttpResponse& response, std::size_t limit_bytes);

bool is_success(const HttpResponse& response);
/// Throws what a head that is no success means, with the engine's words as far as they came.
boost::asio::awaitable<void> throw_for_status(StreamState& state, HttpResponse response);

}  // namespace halcyon::docker_api
