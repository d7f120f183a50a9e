#include "docker_api/connector.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "docker_api/endpoint.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/ssh_transport.hpp"
#include "docker_api/timed_socket.hpp"
#include "docker_api/tls_transport.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Deadline = std::optional<std::chrono::milliseconds>;

namespace {

[[noreturn]] void give_up(const EngineAddress& address, IoOutcome outcome, Deadline deadline) {
  const bool timed_out = outcome == IoOutcome::timed_out;
  throw Error({.kind = timed_out ? ErrorKind::timeout : ErrorKind::cancelled,
               .endpoint = "connect",
               .explanation = timed_out
                                  ? fmt::format("no connection to {} within {}", to_string(address),
                                                describe(deadline.value_or(std::chrono::milliseconds{0})))
                                  : std::string("given up by the caller")});
}

/// Throws what a step of the connect that did not succeed means, and closes: a deadline that nobody waits for
/// would keep the io_context busy.
void check(const IoResult& result, const EngineAddress& address, Deadline deadline, Transport& transport) {
  if (result.outcome == IoOutcome::done) return;
  transport.close();
  if (result.outcome != IoOutcome::failed) give_up(address, result.outcome, deadline);
  const std::string explanation = transport.explain_end();
  if (!explanation.empty()) throw make_connect_error(address, explanation);
  throw make_connect_error(address, result.error);
}

/// Asks the resolver unless the host is a literal address. The resolver's own time is bounded by a timer: a
/// name server that does not answer would take minutes.
asio::awaitable<std::vector<tcp::endpoint>> resolve(asio::any_io_executor executor,
                                                    const EngineAddress& address,
                                                    const TcpAddress& tcp_address, Deadline deadline) {
  error_code error;
  const auto literal = asio::ip::make_address(tcp_address.host, error);
  if (!error) co_return std::vector{tcp::endpoint(literal, tcp_address.port)};
  // Shared with the timer's handler, which may be on its way when this coroutine has ended.
  const auto resolver = std::make_shared<tcp::resolver>(executor);
  const auto expired = std::make_shared<bool>(false);
  asio::steady_timer timer(executor);
  if (deadline) {
    timer.expires_after(*deadline);
    timer.async_wait([resolver, expired](const error_code& ended) {
      if (ended) return;
      *expired = true;
      resolver->cancel();
    });
  }
  error = {};
  const auto found = co_await resolver->async_resolve(tcp_address.host, std::to_string(tcp_address.port),
                                                      asio::redirect_error(asio::use_awaitable, error));
  timer.cancel();
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) give_up(address, IoOutcome::cancelled, deadline);
  if (*expired) give_up(address, IoOutcome::timed_out, deadline);
  if (error) throw make_connect_error(address, fmt::format("the name is not known: {}", error.message()));
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

/// What is left of the time that `deadline` gave at `began`; at least a millisecond, so that it ends as a
/// timeout.
Deadline left_of(Deadline deadline, Clock::time_point began) {
  if (!deadline) return std::nullopt;
  const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  return std::max(*deadline - gone, std::chrono::milliseconds(1));
}

}  // namespace

Connector::Connector(asio::any_io_executor executor, EngineAddress address,
                     std::vector<std::string> environment)
    : executor_(std::move(executor)), address_(std::move(address)), environment_(std::move(environment)) {}

asio::awaitable<std::shared_ptr<Transport>> Connector::connect(Deadline deadline) {
  if (const auto* unix_address = std::get_if<UnixAddress>(&address_)) {
    auto socket = std::make_shared<TimedSocket>(executor_);
    socket->set_deadline(deadline);
    check(co_await socket->connect(to_endpoint(*unix_address)), address_, deadline, *socket);
    socket->set_deadline(std::nullopt);
    co_return socket;
  }
  if (const auto* tcp_address = std::get_if<TcpAddress>(&address_)) {
    co_return co_await connect_tcp(*tcp_address, deadline);
  }
  // Whether ssh could log in is seen when the first answer comes, or does not.
  co_return std::make_shared<SshTransport>(executor_, std::get<SshAddress>(address_), environment_);
}

asio::awaitable<std::shared_ptr<Transport>> Connector::connect_tcp(const TcpAddress& address,
                                                                   Deadline deadline) {
  const auto began = Clock::now();
  if (address.tls && !tls_) tls_ = std::make_shared<TlsContext>(*address.tls);
  const auto endpoints = co_await resolve(executor_, address_, address, deadline);
  IoResult result{IoOutcome::failed, 0, asio::error::host_not_found};
  std::shared_ptr<TimedSocket> socket;
  for (const tcp::endpoint& endpoint : endpoints) {
    socket = std::make_shared<TimedSocket>(executor_);
    socket->set_deadline(left_of(deadline, began));
    result = co_await socket->connect(endpoint);
    if (result.outcome != IoOutcome::failed) break;
    socket->close();
  }
  if (!socket) throw make_connect_error(address_, "its name has no address");
  check(result, address_, deadline, *socket);
  if (!tls_) {
    socket->set_deadline(std::nullopt);
    co_return socket;
  }
  const std::string& name = address.tls->server_name.empty() ? address.host : address.tls->server_name;
  auto secured = std::make_shared<TlsTransport>(socket, tls_, name);
  check(co_await secured->handshake(), address_, deadline, *secured);
  socket->set_deadline(std::nullopt);
  co_return secured;
}

}  // namespace halcyon::docker_api
