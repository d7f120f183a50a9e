// The life of one HTTP connection of the sample application: read a request, answer it, again.
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdio>

#include "body_pattern.h"
#include "sample_app_server.h"

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using RequestParser = http::request_parser<http::string_body>;

constexpr std::uint64_t k_request_limit_bytes = 256ull << 20;
constexpr auto k_session_tuple = asio::as_tuple(asio::use_awaitable);

struct Registration {
  Registration(Server* server, Session& session) : server_{server}, session_{session} {
    server->enter(session);
  }
  ~Registration() { server_->leave(session_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  Server* server_;
  Session& session_;
};

asio::awaitable<bool> read_rest(Session* session, RequestParser* parser) {
  if (boost::beast::iequals(parser->get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [problem, bytes] =
        co_await asio::async_write(session->socket, asio::buffer(k_continue), k_session_tuple);
    if (problem) co_return false;
  }
  const auto [problem, bytes] =
      co_await http::async_read(session->socket, session->buffer, *parser, k_session_tuple);
  co_return !problem;
}

asio::awaitable<bool> send_answer(Session* session) {
  const auto [problem, bytes] =
      co_await asio::async_write(session->socket, asio::buffer(session->out), k_session_tuple);
  co_return !problem;
}

asio::awaitable<void> wait_as_asked(Session* session, std::uint64_t milliseconds) {
  asio::steady_timer timer{session->socket.get_executor(), std::chrono::milliseconds{milliseconds}};
  co_await timer.async_wait(k_session_tuple);
}

// Answers one request that was read completely. False ends the connection.
asio::awaitable<bool> answer(Server* server, Session* session, Request request) {
  const bool wants_more = request.keep_alive();
  const std::string_view path = path_of(request);
  if (path == "/slow" || path == "/stream") {
    const bool keep_alive = wants_more && !server->is_stopping();
    co_return co_await answer_in_pieces(server, session, std::move(request), keep_alive);
  }
  if (path == "/wait") co_await wait_as_asked(session, query_number(request, "ms", 1000));
  const Answer answer = path == "/wait" ? Answer{200, "waited\n"}
                                        : answer_at_once(server->settings(), request, server->since_start());
  // Asked after the wait: when the end has begun meanwhile, the client is told not to come again.
  const bool keep_alive = wants_more && !server->is_stopping();
  append_head(session->out, server->settings(),
              {answer.status, answer.content_type, answer.body.size(), request_id_of(request), keep_alive});
  if (request.method() != http::verb::head) session->out += answer.body;
  co_return co_await send_answer(session) && keep_alive;
}

}  // namespace

asio::awaitable<bool> answer_in_pieces(Server* server, Session* session, Request request, bool keep_alive) {
  const auto duration = std::chrono::milliseconds{query_number(request, "ms", 1000)};
  const auto bytes = query_number(request, "bytes", 1000);
  const auto pieces =
      std::clamp<std::uint64_t>(query_number(request, "chunks", 10), 1, std::max<std::uint64_t>(bytes, 1));
  const bool is_chunked = path_of(request) == "/stream";
  append_head(session->out, server->settings(),
              {200, "text/plain", is_chunked ? std::nullopt : std::optional{bytes}, request_id_of(request),
               keep_alive});
  if (!co_await send_answer(session)) co_return false;

  asio::steady_timer timer{session->socket.get_executor()};
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < pieces; ++i) {
    timer.expires_at(begin + duration * static_cast<std::int64_t>(i + 1) / static_cast<std::int64_t>(pieces));
    co_await timer.async_wait(k_session_tuple);
    const std::uint64_t from = bytes * i / pieces;
    const std::string piece = body_pattern(from, bytes * (i + 1) / pieces - from);
    session->out.clear();
    if (is_chunked && !piece.empty()) {
      std::array<char, 32> size{};
      std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
      session->out.append(size.data()).append(piece).append("\r\n");
    } else {
      session->out = piece;
    }
    if (!co_await send_answer(session)) co_return false;
  }
  session->out = is_chunked ? "0\r\n\r\n" : "";
  co_return co_await send_answer(session) && keep_alive;
}

asio::awaitable<void> serve_connection(Server* server, Tcp::socket socket) {
  Session session{std::move(socket), {}, {}, true};
  const Registration registration{server, session};
  boost::system::error_code ignored;
  session.socket.set_option(Tcp::no_delay{true}, ignored);
  for (bool goes_on = true; goes_on;) {
    RequestParser parser;
    parser.body_limit(k_request_limit_bytes);
    session.is_idle = true;
    const auto [problem, bytes] =
        co_await http::async_read_header(session.socket, session.buffer, parser, k_session_tuple);
    if (problem) break;
    session.is_idle = false;
    if (!parser.is_done() && !co_await read_rest(&session, &parser)) break;
    server->note(parser.get());
    if (boost::beast::websocket::is_upgrade(parser.get()) && path_of(parser.get()) == "/ws") {
      co_await serve_websocket(server, &session, parser.release());
      break;
    }
    session.out.clear();
    goes_on = co_await answer(server, &session, parser.release());
  }
  session.socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

}  // namespace halcyon::lab
