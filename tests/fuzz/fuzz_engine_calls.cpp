// Whole calls of the library against an engine that answers with the input: they end with a value or a
// docker_api::Error.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/engine_calls.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace halcyon;
namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

constexpr auto k_quietly = asio::as_tuple(asio::use_awaitable);

/// Answers the ping, then everything with `answer`; after that it says no more.
asio::awaitable<void> serve_connection(stream_protocol::socket socket,
                                       std::shared_ptr<const std::string> answer) {
  std::string received;
  std::array<char, 4096> room;
  for (;;) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
      const auto [error, bytes] = co_await socket.async_read_some(asio::buffer(room), k_quietly);
      if (error) co_return;
      received.append(room.data(), bytes);
      continue;
    }
    const bool is_ping = received.starts_with("GET /_ping");
    received.erase(0, end + 4);
    const std::string bytes = is_ping ? test_support::pong("1.55") : *answer;
    co_await asio::async_write(socket, asio::buffer(bytes), k_quietly);
    if (is_ping) continue;
    boost::system::error_code ignored;
    socket.shutdown(stream_protocol::socket::shutdown_send, ignored);
    // What is left of the request is read: to close with it unread would throw the answer away.
    while (!std::get<0>(co_await socket.async_read_some(asio::buffer(room), k_quietly))) {
    }
    co_return;
  }
}

asio::awaitable<void> serve(stream_protocol::acceptor& acceptor, std::shared_ptr<const std::string> answer) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(k_quietly);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), serve_connection(std::move(socket), answer), asio::detached);
  }
}

asio::awaitable<void> call_and_stop(const test_support::EngineCall& call,
                                    std::unique_ptr<docker_api::Engine> engine,
                                    stream_protocol::acceptor& acceptor) {
  std::exception_ptr failure;
  try {
    co_await call.run(*engine);
  } catch (const docker_api::Error& error) {
    fuzz::require(*error.what() != '\0', "an error says what happened");
  } catch (...) {
    failure = std::current_exception();
  }
  acceptor.cancel();
  engine.reset();
  if (failure) std::rethrow_exception(failure);
}

std::string make_answer(fuzz::Choices& choices) {
  constexpr std::array<std::string_view, 8> k_statuses{"200 OK",           "201 Created",   "101 UPGRADED",
                                                       "204 No Content",   "404 Not Found", "500 Error",
                                                       "304 Not Modified", "409 Conflict"};
  const std::uint8_t way = choices.byte();
  std::string head = "HTTP/1.1 " + std::string(k_statuses[way % k_statuses.size()]) + "\r\n";
  const std::string_view body = choices.rest();
  switch (way / 8 % 4) {
    case 0:
      return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    case 1:
      return head + "Content-Type: application/vnd.docker.multiplexed-stream\r\n\r\n" + std::string(body);
    case 2:
      return std::string(body);  // the whole answer is the fuzzer's
    default:
      std::string text = head + "Transfer-Encoding: chunked\r\n\r\n";
      for (const std::string_view piece : fuzz::split(body, "\x13")) text += test_support::chunk(piece);
      return text + "0\r\n\r\n";
  }
}

}  // namespace

HALCYON_FUZZ_TARGET(engine_calls, input) {
  fuzz::Choices choices(input);
  const auto& calls = test_support::engine_calls();
  const auto& call = calls[choices.byte() % calls.size()];
  static const testing::TemporaryDirectory directory;
  static const std::string path = directory / "s";
  static asio::io_context io(1);
  static stream_protocol::acceptor acceptor(io, stream_protocol::endpoint(path));
  const auto answer = std::make_shared<const std::string>(make_answer(choices));
  asio::co_spawn(io, serve(acceptor, answer), asio::detached);
  auto engine = std::make_unique<docker_api::Engine>(io.get_executor(), docker_api::UnixAddress{path});
  test_support::run(io, call_and_stop(call, std::move(engine), acceptor));
}
