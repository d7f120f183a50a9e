// WebSocket clients. A WebSocket that is closed is no lost request: the protocol expects clients to come
// back, and a release has to end them some time. A message whose echo differs is wrong like any other.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "load_clients.h"

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Socket = websocket::stream<beast::tcp_stream&, false>;

constexpr auto k_websocket_tuple = asio::as_tuple(asio::use_awaitable);
constexpr auto k_interval = std::chrono::seconds{1};

asio::awaitable<bool> open(Run* run, Connection* connection, Socket* socket) {
  const auto begin = Clock::now();
  Outcome outcome = co_await connect(run, connection);
  if (connection->is_open) {
    websocket::response_type answer;
    const auto [problem] =
        co_await socket->async_handshake(answer, run->options.host, "/ws", k_websocket_tuple);
    outcome.release = std::string{answer[run->options.expected_header]};
    if (problem == websocket::error::upgrade_declined) {
      outcome = {Verdict::wrong, std::to_string(answer.result_int()), outcome.release};
    } else if (problem) {
      outcome = lost_because(problem);
    }
  }
  run->tally.count(Kind::websocket, outcome, Clock::now() - begin);
  if (outcome.verdict != Verdict::answered) co_return false;
  run->tally.websocket_opened();
  co_return true;
}

// False: the WebSocket was closed by the other side.
asio::awaitable<bool> echo(Run* run, Connection* connection, Socket* socket, std::string message) {
  const auto begin = Clock::now();
  connection->stream.expires_after(run->options.timeout);
  beast::flat_buffer answer;
  const auto [unsent, sent] = co_await socket->async_write(asio::buffer(message), k_websocket_tuple);
  if (unsent) co_return false;
  const auto [unread, read] = co_await socket->async_read(answer, k_websocket_tuple);
  if (unread) co_return false;
  connection->stream.expires_never();
  const bool is_same = beast::buffers_to_string(answer.data()) == message;
  run->tally.count(Kind::websocket, is_same ? Outcome{} : Outcome{Verdict::wrong, "echo", {}},
                   Clock::now() - begin);
  co_return true;
}

}  // namespace

asio::awaitable<void> websocket_client(Run* run, unsigned number) {
  auto next = run->started + k_interval * number / std::max(run->options.websockets, 1u);
  std::uint64_t n = 0;
  for (; co_await run->sleep_until(next); next += k_interval) {
    Connection connection{run};
    Socket socket{connection.stream};
    if (!co_await open(run, &connection, &socket)) continue;
    bool is_open = true;
    while (is_open && !run->is_ending) {
      const std::string message = std::to_string(number) + "." + std::to_string(n);
      is_open = co_await echo(run, &connection, &socket, message);
      ++n;
      next += k_interval;
      if (is_open) co_await run->sleep_until(next);
    }
    if (!is_open) {
      run->tally.websocket_closed();
    } else {
      connection.stream.expires_after(run->options.timeout);
      co_await socket.async_close(websocket::close_code::normal, k_websocket_tuple);
    }
  }
}

}  // namespace halcyon::lab
