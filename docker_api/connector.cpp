#include "docker_api/connector.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>

#include "docker_api/endpoint.hpp"
#include "docker_api/request_text.hpp"
#include "docker_api/resolver.hpp"
#include "docker_api/ssh_transport.hpp"
#include "docker_api/timed_socket.hpp"
#include "docker_api/tls_transport.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using asio::ip::tcp;
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

asio::awaitable<std::vector<tcp::endpoint>> resolve(asio::any_io_executor executor,
                                                    const EngineAddress& address,
                                                    const TcpAddress& tcp_address, Deadline deadline) {
  Resolved resolved = co_await resolve_name(executor, tcp_address.host, tcp_address.port, deadline);
  if (resolved.outcome != IoOutcome::done) give_up(address, resolved.outcome, deadline);
  const std::string& failure = resolved.answer.failure;
  if (!failure.empty()) throw make_connect_error(address, fmt::format("the name is not known: {}", failure));
  co_return std::move(resolved.answer.endpoints);
}

/// What is left of the time that `deadline` gave at `began`; at least a millisecond, so that it ends as a
/// timeout.
Deadline left_of(Deadline deadline, Clock::time_point began) {
  if (!deadline) return std::nullopt;
  const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  return std::max(*deadline - gone, std::chrono::milliseconds(1));
}

/// One address that nobody answers at must not take the time of the others.
Deadline share_of(Deadline left, std::size_t addresses) {
  if (!left) return std::nullopt;
  return std::max(*left / static_cast<std::int64_t>(addresses), std::chrono::milliseconds(1));
}

}  // namespace

Connector::Connector(asio::any_io_executor executor, EngineAddress address,
                     std::vector<std::string> environment)
    : executor_(std::move(executor)), address_(std::move(address)), environment_(std::move(environment)) {}

asio::awaitable<std::shared_ptr<Transport>> Connector::connect(Deadline deadline) {
  if (const auto* unix_address = std::get_if<UnixAddress>(&address_)) {
    const auto endpoint = to_endpoint(*unix_address);  // may refuse, before a deadline runs
    auto socket = std::make_shared<TimedSocket>(executor_);
    socket->set_deadline(deadline);
    check(co_await socket->connect(endpoint), address_, deadline, *socket);
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
  for (std::size_t index = 0; index < endpoints.size(); ++index) {
    socket = std::make_shared<TimedSocket>(executor_);
    socket->set_deadline(share_of(left_of(deadline, began), endpoints.size() - index));
    result = co_await socket->connect(endpoints[index]);
    if (result.outcome == IoOutcome::done || result.outcome == IoOutcome::cancelled) break;
    socket->close();
  }
  if (result.outcome == IoOutcome::done) socket->set_deadline(left_of(deadline, began));
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
