#include "cli/run_loop.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <exception>
#include <stdexcept>

namespace halcyon::cli {
namespace {

/// How long something that was cancelled may take to notice.
constexpr std::chrono::milliseconds k_patience{1'000};

std::string signal_name(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "signal " + std::to_string(number);
  }
}

/// nohup and shells without job control start us with signals that are not meant for us.
bool is_ignored(int number) {
  struct sigaction current {};
  return ::sigaction(number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace

RunLoop::RunLoop() : io_(1), signals_(io_), tick_(io_), patience_(io_) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(number)) {
      signals_.add(number);
    }
  }
  wait_for_signal();
}

void RunLoop::run(boost::asio::awaitable<void> work, OnSignal on_signal) {
  on_signal_ = on_signal;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(io_, std::move(work),
                        boost::asio::bind_cancellation_slot(cancel_.slot(), [&](std::exception_ptr thrown) {
                          failure = std::move(thrown);
                          done = true;
                          io_.stop();
                        }));
  io_.restart();
  io_.run();
  patience_.cancel();
  action_ = nullptr;
  if (failure) {
    std::rethrow_exception(failure);
  }
  if (!done) {
    throw std::runtime_error("gave up waiting for what was interrupted by " + reason_);
  }
}

void RunLoop::every(std::chrono::milliseconds period, std::function<void()> action) {
  period_ = period;
  tick_action_ = std::move(action);
  wait_for_tick();
}

void RunLoop::leave() {
  request();
  cancel_.emit(boost::asio::cancellation_type::terminal);
  patience_.expires_after(k_patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      io_.stop();
    }
  });
}

void RunLoop::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (!error) {
      take_signal(number);
      wait_for_signal();
    }
  });
}

void RunLoop::take_signal(int number) {
  ++signals_seen_;
  reason_ = signal_name(number);
  const bool is_first = !requested_;
  if (when_signalled_) {
    when_signalled_(signals_seen_);
  }
  request();
  if (on_signal_ == OnSignal::leave && is_first) {
    leave();
  } else if (on_signal_ == OnSignal::leave) {
    io_.stop();
  }
}

void RunLoop::request() {
  // A copy: the action may well register another one.
  const std::function<void()> action = action_;
  if (!std::exchange(requested_, true) && action) {
    action();
  }
}

void RunLoop::wait_for_tick() {
  tick_.expires_after(period_);
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      tick_action_();
      wait_for_tick();
    }
  });
}

}  // namespace halcyon::cli
