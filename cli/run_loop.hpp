// The event loop of one command, and the signals that end it. The only place that starts a coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// What SIGINT, SIGTERM and SIGHUP mean for what is running.
enum class OnSignal {
  leave,   ///< it only looks: cancel it; a second one does not wait for it either
  orderly  ///< it changes something: it decides itself, by way of Interrupt, whether to go back or on
};

/// Threads: one, that of run(). Signals arrive as ordinary handlers on it.
class RunLoop final : public orchestrator::Interrupt {
 public:
  RunLoop();

  boost::asio::io_context::executor_type executor() noexcept { return io_.get_executor(); }

  /// Runs `work` to its end and hands its exception on.
  void run(boost::asio::awaitable<void> work, OnSignal on_signal);
  template <class T>
  T run(boost::asio::awaitable<T> work, OnSignal on_signal) {
    std::optional<T> result;
    run(store(std::move(work), result), on_signal);
    if (!result) {
      throw std::logic_error("what ran to its end left no result");
    }
    return *std::move(result);
  }

  /// Called for every signal while something runs, with how many there were.
  void when_signalled(std::function<void(int number)> action) { when_signalled_ = std::move(action); }
  /// Calls `action` again and again while something runs.
  void every(std::chrono::milliseconds period, std::function<void()> action);
  /// Cancels what runs, as a signal would under OnSignal::leave.
  void leave();

  bool requested() const noexcept override { return requested_; }
  std::string reason() const override { return reason_; }
  /// One action at a time. One that is registered after the request is not called: going back takes steps,
  /// too.
  void on_request(std::function<void()> action) override { action_ = std::move(action); }

 private:
  template <class T>
  static boost::asio::awaitable<void> store(boost::asio::awaitable<T> work, std::optional<T>& result) {
    result = co_await std::move(work);
  }
  void wait_for_signal();
  void take_signal(int number);
  void request();
  void wait_for_tick();

  boost::asio::cancellation_signal cancel_;  // outlives what io_ destroys
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer patience_;
  std::chrono::milliseconds period_{0};
  std::function<void()> tick_action_;
  std::function<void(int)> when_signalled_;
  std::function<void()> action_;
  OnSignal on_signal_ = OnSignal::leave;
  bool requested_ = false;
  std::string reason_;
  int signals_seen_ = 0;
};

}  // namespace halcyon::cli
