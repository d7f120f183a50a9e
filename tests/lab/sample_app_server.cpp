// Accepting, counting and ending connections of the sample application.
#include "sample_app_server.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace halcyon::lab {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto k_pause_after_accept_error = std::chrono::milliseconds{10};
// A connection that was accepted at the last moment gets this long to send its request.
constexpr auto k_grace_for_the_last_accepted = std::chrono::milliseconds{200};

}  // namespace

Server::Server(asio::io_context& io, Settings settings, std::chrono::steady_clock::time_point started)
    : io_{io}, settings_{std::move(settings)}, started_{started}, acceptor_{io}, second_look_{io} {}

std::chrono::milliseconds Server::since_start() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started_);
}

void Server::listen() {
  const Tcp::endpoint everywhere{Tcp::v4(), settings_.port};
  acceptor_.open(everywhere.protocol());
  acceptor_.set_option(Tcp::acceptor::reuse_address{true});
  acceptor_.bind(everywhere);
  acceptor_.listen(4096);
  asio::co_spawn(io_, accept_connections(this), asio::detached);
}

void Server::serve_accepted(Tcp::socket socket) {
  asio::co_spawn(io_, serve_connection(this, std::move(socket)), asio::detached);
}

asio::awaitable<void> Server::accept_connections(Server* server) {
  while (!server->is_stopping_) {
    auto [problem, socket] = co_await server->acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (!problem) {
      server->serve_accepted(std::move(socket));
    } else if (!server->is_stopping_) {
      // Out of descriptors or memory: without a pause this would be a busy loop.
      asio::steady_timer pause{server->io_, k_pause_after_accept_error};
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

void Server::stop() {
  if (is_stopping_) return;
  is_stopping_ = true;
  // Closing the listening socket resets what the kernel accepted for us already: take those first.
  ErrorCode problem;
  acceptor_.non_blocking(true, problem);
  while (!problem) {
    Tcp::socket socket = acceptor_.accept(problem);
    if (!problem) serve_accepted(std::move(socket));
  }
  acceptor_.close(problem);
  close_idle_connections();
  second_look_.expires_after(k_grace_for_the_last_accepted);
  second_look_.async_wait([this](const ErrorCode&) { close_idle_connections(); });
  // Posted: the connections taken above enter sessions_ only when their coroutines begin.
  asio::post(io_, [this] {
    if (sessions_.empty()) io_.stop();
  });
}

void Server::close_idle_connections() {
  for (Session* session : sessions_) {
    ErrorCode ignored;
    const bool has_unread_bytes = session->buffer.size() > 0 || session->socket.available(ignored) > 0;
    if (session->is_idle && !has_unread_bytes) session->socket.cancel(ignored);
  }
}

void Server::leave(Session& session) {
  sessions_.erase(&session);
  if (is_stopping_ && sessions_.empty()) io_.stop();
}

void Server::note(const Request& request) const {
  const bool is_post = request.method() == boost::beast::http::verb::post;
  const bool is_wanted =
      settings_.log_requests == LogRequests::all || (settings_.log_requests == LogRequests::posts && is_post);
  if (!is_wanted) return;
  std::string line = is_post ? "post id="
                             : "request method=" + std::string{request.method_string()} +
                                   " target=" + std::string{request.target()} + " id=";
  line += request_id_of(request);
  line += " bytes=" + std::to_string(request.body().size()) + " release=" + settings_.release + "\n";
  // One write for each line, past every buffer: what was accepted must be in the log even if we die now.
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace halcyon::lab
