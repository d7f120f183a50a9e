#include "orchestrator/bounded.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace halcyon::orchestrator {

namespace asio = boost::asio;

struct Canceller::State {
  asio::cancellation_signal signal;
  bool running = false;
};

Canceller::Canceller() : state_(std::make_shared<State>()) {}
Canceller::~Canceller() = default;

void Canceller::cancel() {
  if (state_->running) state_->signal.emit(asio::cancellation_type::terminal);
}

asio::awaitable<BoundedResult> run_bounded(asio::any_io_executor executor, asio::awaitable<void> operation,
                                           std::chrono::milliseconds deadline, Canceller& canceller) {
  struct Run {
    explicit Run(const asio::any_io_executor& ex) : ended(ex, asio::steady_timer::time_point::max()) {}
    asio::steady_timer ended;  // never expires: its cancellation tells that the operation is over
    BoundedResult result;
    bool over = false;
  };
  const auto run = std::make_shared<Run>(executor);
  const auto state = canceller.state_;
  state->running = true;
  // Boost 1.81's co_spawn keeps a raw pointer to its signal; that is safe because everything runs on this one
  // thread.
  asio::co_spawn(
      executor, std::move(operation),
      asio::bind_cancellation_slot(state->signal.slot(), [run, state](const std::exception_ptr& error) {
        run->result.error = error;
        run->over = true;
        state->running = false;
        run->ended.cancel();
      }));
  asio::steady_timer timer(executor, deadline);
  timer.async_wait([run, state](const boost::system::error_code& error) {
    if (error || run->over) return;
    run->result.timed_out = true;
    state->signal.emit(asio::cancellation_type::terminal);
  });
  while (!run->over) {
    boost::system::error_code woken;
    co_await run->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  timer.cancel();
  co_return run->result;
}

asio::awaitable<void> pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace halcyon::orchestrator
