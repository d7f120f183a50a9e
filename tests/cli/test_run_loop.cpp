#include "cli/run_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace halcyon::cli {
namespace {

using boost::asio::awaitable;
using boost::asio::steady_timer;
using boost::asio::use_awaitable;

awaitable<int> answer() { co_return 42; }

awaitable<int> fail() {
  throw std::runtime_error("no");
  co_return 0;
}

awaitable<int> wait_for_ever() {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  co_await timer.async_wait(use_awaitable);
  co_return 0;
}

awaitable<int> interrupt_itself(RunLoop& loop, int number) {
  std::raise(number);
  co_return co_await wait_for_ever();
}

/// Goes back when it is asked to, and says how far it came.
awaitable<int> change_something(RunLoop& loop) {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  loop.on_request([&timer] { timer.cancel(); });
  std::raise(SIGTERM);
  co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
  co_return loop.requested() ? 7 : 8;
}

TEST(RunLoop, hands_on_results_and_exceptions_and_can_be_used_again) {
  RunLoop loop;
  EXPECT_EQ(loop.run(answer(), OnSignal::leave), 42);
  EXPECT_THROW(loop.run(fail(), OnSignal::leave), std::runtime_error);
  EXPECT_EQ(loop.run(answer(), OnSignal::orderly), 42);
  EXPECT_FALSE(loop.requested());
}

TEST(RunLoop, a_signal_cancels_what_only_looks) {
  for (const auto& [number, name] : {std::pair{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}}) {
    RunLoop loop;
    EXPECT_ANY_THROW(loop.run(interrupt_itself(loop, number), OnSignal::leave));
    EXPECT_TRUE(loop.requested());
    EXPECT_EQ(loop.reason(), name);
  }
}

awaitable<int> refuse_to_be_cancelled(RunLoop& loop) {
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  loop.when_signalled([](int number) {
    if (number == 1) {
      std::raise(SIGINT);
    }
  });
  std::raise(SIGINT);
  co_return co_await wait_for_ever();
}

TEST(RunLoop, a_second_signal_does_not_wait_for_what_only_looks_and_does_not_listen) {
  RunLoop loop;
  EXPECT_THROW(loop.run(refuse_to_be_cancelled(loop), OnSignal::leave), std::runtime_error);
}

TEST(RunLoop, a_signal_asks_what_changes_something_to_go_back_and_lets_it_end_by_itself) {
  RunLoop loop;
  EXPECT_EQ(loop.run(change_something(loop), OnSignal::orderly), 7);
  EXPECT_EQ(loop.reason(), "SIGTERM");
}

awaitable<int> take_two_signals(RunLoop& loop, std::vector<int>& told) {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  loop.when_signalled([&](int number) {
    told.push_back(number);
    if (number == 2) {
      timer.cancel();
    }
  });
  int requests = 0;
  loop.on_request([&requests] {
    ++requests;
    std::raise(SIGINT);
  });
  std::raise(SIGINT);
  co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
  co_return requests;
}

TEST(RunLoop, a_second_signal_is_told_but_the_request_is_made_once) {
  RunLoop loop;
  std::vector<int> told;
  EXPECT_EQ(loop.run(take_two_signals(loop, told), OnSignal::orderly), 1);
  EXPECT_EQ(told, (std::vector<int>{1, 2}));
}

awaitable<int> register_late(RunLoop& loop) {
  std::raise(SIGINT);
  steady_timer timer(co_await boost::asio::this_coro::executor);
  while (!loop.requested()) {
    timer.expires_after(std::chrono::milliseconds{1});
    co_await timer.async_wait(use_awaitable);
  }
  bool called = false;
  loop.on_request([&called] { called = true; });
  timer.expires_after(std::chrono::milliseconds{1});
  co_await timer.async_wait(use_awaitable);
  co_return called ? 1 : 0;
}

TEST(RunLoop, an_action_registered_after_the_request_is_not_called) {
  RunLoop loop;
  EXPECT_EQ(loop.run(register_late(loop), OnSignal::orderly), 0);
}

TEST(RunLoop, ticks_while_something_runs) {
  RunLoop loop;
  int ticks = 0;
  loop.every(std::chrono::milliseconds{1}, [&] {
    if (++ticks == 3) {
      loop.leave();
    }
  });
  EXPECT_ANY_THROW(loop.run(wait_for_ever(), OnSignal::leave));
  EXPECT_EQ(ticks, 3);
}

TEST(RunLoop, a_signal_that_was_ignored_when_we_started_stays_ignored) {
  std::signal(SIGHUP, SIG_IGN);
  {
    RunLoop loop;
    std::raise(SIGHUP);
    EXPECT_EQ(loop.run(answer(), OnSignal::leave), 42);
    EXPECT_FALSE(loop.requested());
  }
  std::signal(SIGHUP, SIG_DFL);
}

}  // namespace
}  // namespace halcyon::cli
