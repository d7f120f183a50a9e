// What a signal does to a command as a whole.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "tests/cli/run_cli.hpp"

namespace halcyon::cli::test {
namespace {

using boost::asio::awaitable;
using boost::asio::steady_timer;
using orchestrator::EventKind;
using orchestrator::Outcome;
using orchestrator::Session;
using Signals = CliTest;

awaitable<void> wait_until_interrupted(Session session) {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  session.interrupt.on_request([&timer] { timer.cancel(); });
  std::raise(SIGINT);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

awaitable<void> wait_an_hour(Session) {
  std::raise(SIGINT);
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  co_await timer.async_wait(boost::asio::use_awaitable);
}

TEST_F(Signals, before_the_commit_ask_the_promotion_to_stop_and_its_report_decides_the_outcome) {
  fake().meanwhile = wait_until_interrupted;
  fake().report.outcome = Outcome::aborted;
  fake().report.text = "interrupted by SIGINT; r3 serves as before";
  EXPECT_EQ(run({"promote", "production", "x"}), 1);
  EXPECT_EQ(
      error.text,
      "SIGINT: stopping; what is half done is undone, or finished if it is past the point of no return\n"
      "aborted   interrupted by SIGINT; r3 serves as before\n");
}

TEST_F(Signals, after_the_commit_say_that_the_promotion_goes_on) {
  fake().events = {{.kind = EventKind::committed}};
  fake().meanwhile = wait_until_interrupted;
  fake().report.outcome = Outcome::deployed;
  fake().report.release = "r4";
  EXPECT_EQ(run({"promote", "production", "x", "--quiet"}), 0);
  EXPECT_EQ(error.text, "SIGINT: the new release is committed and serves; going on to the end\n");
}

awaitable<void> wait_for_a_second_signal(Session session) {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  session.interrupt.on_request([&timer] {
    std::raise(SIGINT);
    timer.expires_after(std::chrono::milliseconds{50});
  });
  std::raise(SIGINT);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

TEST_F(Signals, a_second_one_says_what_is_going_on_and_kills_nothing) {
  fake().events = {{.kind = EventKind::step_began, .step = "gate"}};
  fake().meanwhile = wait_for_a_second_signal;
  EXPECT_EQ(run({"promote", "production", "x"}), 1);
  EXPECT_NE(
      error.text.find(
          "SIGINT: stopping; what is half done is undone, or finished if it is past the point of no return\n"
          "SIGINT again: still at work, step gate since "),
      std::string::npos)
      << error.text;
  EXPECT_NE(error.text.find("; kill -9 would be safe, 'halcyon resume production' would finish it\n"),
            std::string::npos);
}

TEST_F(Signals, end_a_command_that_only_looks) {
  fake().meanwhile = wait_an_hour;
  EXPECT_EQ(run({"promote", "production", "x", "--dry-run", "--json"}), 1);
  EXPECT_EQ(document()["error"], "interrupted by SIGINT; nothing was changed");
}

TEST_F(Signals, during_one_environment_end_the_status_of_all) {
  fake().meanwhile = wait_an_hour;
  EXPECT_EQ(run({"status"}), 1);
  EXPECT_EQ(fake().calls, std::vector<std::string>{"read_status production"});
}

TEST_F(Signals, are_the_ordinary_end_of_following_logs) {
  fake().meanwhile = wait_an_hour;
  fake().log_lines = {{"shop_production_db", docker_api::LogStream::stdout_stream, "ready"}};
  EXPECT_EQ(run({"logs", "production", "-f"}), 0);
  EXPECT_EQ(output.text, "db | ready\n");
  EXPECT_EQ(error.text, "");
}

TEST_F(Signals, cut_off_logs_that_are_not_followed) {
  fake().meanwhile = wait_an_hour;
  EXPECT_EQ(run({"logs", "production"}), 1);
  EXPECT_EQ(error.text, "aborted   interrupted by SIGINT; nothing was changed\n");
}

TEST_F(Signals, cut_off_logs_that_are_not_followed_even_if_the_stream_ended_by_itself) {
  fake().meanwhile = wait_until_interrupted;
  EXPECT_EQ(run({"logs", "production"}), 1);
  EXPECT_EQ(error.text, "aborted   interrupted by SIGINT; nothing was changed\n");
}

awaitable<void> wait_without_a_signal(Session) {
  steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours{1});
  co_await timer.async_wait(boost::asio::use_awaitable);
}

TEST_F(Signals, are_not_needed_to_end_logs_that_nobody_reads) {
  fake().meanwhile = wait_without_a_signal;
  fake().log_lines = {{"shop_production_db", docker_api::LogStream::stdout_stream, "ready"}};
  output.closed = true;
  EXPECT_EQ(run({"logs", "production", "-f"}), 0);
}

}  // namespace
}  // namespace halcyon::cli::test
