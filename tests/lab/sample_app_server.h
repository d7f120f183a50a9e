// The sample application's server: one thread, one io_context, a coroutine per connection, and the orderly
// end that a release needs (no new connections, requests in flight are finished, idle connections closed).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <string>
#include <unordered_set>

#include "sample_app_answers.h"
#include "sample_app_settings.h"

namespace halcyon::lab {

// One connection. `is_idle` is true between requests: only then may stopping close it.
struct Session {
  boost::asio::ip::tcp::socket socket;
  boost::beast::flat_buffer buffer;
  std::string out;
  bool is_idle = true;
};

class Server {
 public:
  Server(boost::asio::io_context& io, Settings settings, std::chrono::steady_clock::time_point started);

  void listen();
  // Idempotent. The io_context ends when the last request in flight was answered.
  void stop();

  const Settings& settings() const { return settings_; }
  bool is_stopping() const { return is_stopping_; }
  std::chrono::milliseconds since_start() const;

  void enter(Session& session) { sessions_.insert(&session); }
  void leave(Session& session);
  void note(const Request& request) const;

 private:
  static boost::asio::awaitable<void> accept_connections(Server* server);
  void serve_accepted(boost::asio::ip::tcp::socket socket);
  void close_idle_connections();

  boost::asio::io_context& io_;
  Settings settings_;
  std::chrono::steady_clock::time_point started_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer second_look_;
  std::unordered_set<Session*> sessions_;
  bool is_stopping_ = false;
};

// Answers the requests of one connection until it ends.
boost::asio::awaitable<void> serve_connection(Server* server, boost::asio::ip::tcp::socket socket);

// /slow (Content-Length), /stream (chunked): a known body in pieces over a time. False: the client is gone.
boost::asio::awaitable<bool> answer_in_pieces(Server* server, Session* session, Request request,
                                              bool keep_alive);

// /ws: echoes messages until one side ends it; ends by itself with "going away" when the server stops.
boost::asio::awaitable<void> serve_websocket(Server* server, Session* session, Request request);

}  // namespace halcyon::lab
