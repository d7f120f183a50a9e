#include "docker_api/timed_socket.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace halcyon::docker_api {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds k_backlog_retry{2};

bool is_cancelled(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace

TimedSocket::TimedSocket(const asio::any_io_executor& executor) : socket_(executor), timer_(executor) {}

void TimedSocket::set_deadline(std::optional<std::chrono::milliseconds> from_now) {
  expired_ = false;
  if (!from_now) {
    target_ = Clock::time_point::max();
    release_timer_soon();
    return;
  }
  target_ = Clock::now() + *from_now;
  // A wait that ends too early is moved when it fires; only one that would end too late must be moved now.
  if (!timer_armed_ || timer_.expiry() > target_) arm_timer();
}

void TimedSocket::arm_timer() {
  timer_armed_ = true;
  timer_.expires_at(target_);
  timer_.async_wait([self = shared_from_this(), generation = ++timer_generation_](const error_code&) {
    self->on_timer(generation);
  });
}

void TimedSocket::on_timer(std::uint64_t generation) {
  if (generation != timer_generation_) return;
  timer_armed_ = false;
  if (target_ == Clock::time_point::max()) return;
  if (Clock::now() < target_) return arm_timer();
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

/// A pending wait keeps io_context::run() from returning, so an idle connection must not have one. But the
/// next request often follows at once: look again when the present handler is done.
void TimedSocket::release_timer_soon() {
  if (!timer_armed_ || release_posted_) return;
  release_posted_ = true;
  asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->release_posted_ = false;
    if (self->target_ != Clock::time_point::max() || !self->timer_armed_) return;
    self->timer_armed_ = false;
    ++self->timer_generation_;
    self->timer_.cancel();
  });
}

IoResult TimedSocket::judge(const error_code& error, std::size_t bytes, bool caller_cancelled) const {
  // Looked at after every wait, so that no later co_await of ours can find a cancellation that nobody has
  // reported.
  if (caller_cancelled) return {IoOutcome::cancelled, 0, error};
  if (!error) return {IoOutcome::done, bytes, error};
  if (error != asio::error::operation_aborted) return {IoOutcome::failed, bytes, error};
  if (expired_) return {IoOutcome::timed_out, 0, error};
  return {interrupted_ ? IoOutcome::interrupted : IoOutcome::cancelled, 0, error};
}

asio::awaitable<IoResult> TimedSocket::connect(Endpoint endpoint) {
  error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) co_return judge(error, 0, false);
  if (endpoint.protocol().family() == AF_UNIX) co_return co_await connect_unix(endpoint);
  co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
  if (!error && !cancelled) socket_.set_option(asio::ip::tcp::no_delay(true), error);
  co_return judge(error, 0, cancelled);
}

/// A unix socket connects at once or not at all; but with a full backlog the answer is EAGAIN, which Asio's
/// async_connect takes for a connect under way and reports as success.
asio::awaitable<IoResult> TimedSocket::connect_unix(Endpoint endpoint) {
  asio::steady_timer pause(socket_.get_executor());
  while (::connect(socket_.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    if (errno != EAGAIN) co_return judge(error_code(errno, boost::system::system_category()), 0, false);
    error_code error;
    pause.expires_after(k_backlog_retry);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
    if (expired_) error = asio::error::operation_aborted;
    if (cancelled || error) co_return judge(error, 0, cancelled);
  }
  co_return IoResult{};
}

asio::awaitable<IoResult> TimedSocket::read_some(asio::mutable_buffer into) {
  error_code error;
  interrupted_ = false;
  const std::size_t bytes =
      co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  co_return judge(error, bytes, is_cancelled(co_await asio::this_coro::cancellation_state));
}

IoResult TimedSocket::write_now(const Pieces& pieces) {
  error_code error;
  const std::size_t bytes = socket_.write_some(pieces, error);
  if (error == asio::error::would_block) return {};
  return judge(error, bytes, false);
}

asio::awaitable<IoResult> TimedSocket::write_some(Pieces pieces, bool give_way) {
  error_code error;
  interrupted_ = false;
  gives_way_ = give_way;
  if (give_way) watch_readable();
  const std::size_t bytes =
      co_await socket_.async_write_some(pieces, asio::redirect_error(asio::use_awaitable, error));
  gives_way_ = false;
  co_return judge(error, bytes, is_cancelled(co_await asio::this_coro::cancellation_state));
}

void TimedSocket::watch_readable() {
  if (watching_) return;
  watching_ = true;
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const error_code& error) {
    self->watching_ = false;
    if (error || !self->gives_way_) return;
    self->interrupted_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void TimedSocket::adopt(int socket) {
  error_code error;
  socket_.assign(asio::generic::stream_protocol(AF_UNIX, 0), socket, error);
  if (!error) socket_.non_blocking(true, error);
}

IoResult TimedSocket::read_now(asio::mutable_buffer into) {
  error_code error;
  const std::size_t bytes = socket_.read_some(asio::buffer(into), error);
  if (error == asio::error::would_block) return {};
  return judge(error, bytes, false);
}

asio::awaitable<IoResult> TimedSocket::end_writing() {
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  co_return judge(error, 0, false);
}

bool TimedSocket::is_readable() noexcept {
  pollfd entry{socket_.native_handle(), POLLIN, 0};
  return ::poll(&entry, 1, 0) != 0;
}

bool TimedSocket::is_closed_by_peer() noexcept {
  pollfd entry{socket_.native_handle(), 0, 0};
  return ::poll(&entry, 1, 0) != 0;  // POLLHUP and POLLERR are always asked for
}

void TimedSocket::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
  ++timer_generation_;
  timer_armed_ = false;
  target_ = Clock::time_point::max();
  timer_.cancel();
}

}  // namespace halcyon::docker_api
