// The WebSocket echo of the sample application, alone in its file because it is the slowest to compile.
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "sample_app_server.h"

namespace halcyon::lab {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

asio::awaitable<void> serve_websocket(Server* server, Session* session, Request request) {
  constexpr auto k_tuple = asio::as_tuple(asio::use_awaitable);
  using NoDeflate = websocket::stream<asio::ip::tcp::socket&, false>;
  NoDeflate stream{session->socket};
  const std::string release = server->settings().shown_release;
  stream.set_option(websocket::stream_base::decorator{
      [release](websocket::response_type& response) { response.set("X-Release", release); }});
  const auto [refused] = co_await stream.async_accept(request, k_tuple);
  boost::beast::flat_buffer message;
  while (!refused && !server->is_stopping()) {
    session->is_idle = true;
    const auto [unread, read] = co_await stream.async_read(message, k_tuple);
    session->is_idle = false;
    if (unread == asio::error::operation_aborted && server->is_stopping()) break;
    if (unread) co_return;
    stream.text(stream.got_text());
    const auto [unsent, written] = co_await stream.async_write(message.data(), k_tuple);
    if (unsent) co_return;
    message.clear();
  }
  // After a cancelled read the Beast stream refuses everything, so the close frame (1001, going away) is
  // written beside it: nothing else is being written on this connection.
  static constexpr std::array<unsigned char, 4> k_going_away{0x88, 0x02, 0x03, 0xe9};
  if (!refused) co_await asio::async_write(session->socket, asio::buffer(k_going_away), k_tuple);
}

}  // namespace halcyon::lab
