// Deadlines and cancellation: told apart, in time, and in doubt exactly when something was sent.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <future>
#include <thread>

#include "docker_api/http.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::chunk;
using test_support::k_chunked_head;
using test_support::run;
using test_support::ScriptedPeer;
using test_support::ScriptedServer;
using namespace std::chrono_literals;

constexpr auto k_short = 30ms;

asio::awaitable<HttpResponse> ask(asio::any_io_executor executor, EngineAddress address,
                                  HttpDeadlines deadlines, HttpRequest request = {}) {
  auto connection = co_await HttpConnection::open(executor, address, deadlines.connect);
  co_return co_await exchange(*connection, std::move(request), deadlines);
}

/// Like ask(), and says whether the failed connection was closed.
asio::awaitable<Error> failure_of(asio::any_io_executor executor, EngineAddress address,
                                  HttpDeadlines deadlines, bool& closed) {
  auto connection = co_await HttpConnection::open(executor, address, deadlines.connect);
  std::optional<Error> failure;
  try {
    co_await exchange(*connection, HttpRequest{}, deadlines);
  } catch (const Error& error) {
    failure = error;
  }
  closed = connection->is_stale() && !connection->is_reusable();
  co_return failure.value();
}

class DeadlineTest : public ::testing::Test {
 protected:
  /// Runs `work` and cancels it when `ready` is called from another thread, as a person pressing Ctrl-C
  /// would.
  Error run_cancelled(
      asio::awaitable<HttpResponse> work, const std::function<void()>& drive = [] {}) {
    std::exception_ptr failure;
    asio::co_spawn(
        io_, std::move(work),
        asio::bind_cancellation_slot(
            signal_.slot(), [&failure](std::exception_ptr error, const HttpResponse&) { failure = error; }));
    io_.restart();
    drive();
    io_.run();
    return expect_error([&] { std::rethrow_exception(failure); });
  }
  void cancel() {
    asio::post(io_, [this] { signal_.emit(asio::cancellation_type::terminal); });
  }

  asio::io_context io_;
  asio::cancellation_signal signal_;
};

TEST_F(DeadlineTest, an_engine_that_never_answers_is_a_timeout_in_doubt) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_for_client_to_close(); });
  HttpDeadlines deadlines;
  deadlines.head = k_short;
  bool closed = false;
  const Error error = run(io_, failure_of(io_.get_executor(), server.address(), deadlines, closed));
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.in_doubt());
  EXPECT_TRUE(closed) << "a late answer must not meet the next request";
  EXPECT_STREQ(error.what(), "GET /: no answer within 30 ms");
}

TEST_F(DeadlineTest, half_a_head_is_no_answer) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-");
    peer.wait_for_client_to_close();
  });
  HttpDeadlines deadlines;
  deadlines.head = k_short;
  const Error error = expect_error([&] { run(io_, ask(io_.get_executor(), server.address(), deadlines)); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.in_doubt());
}

TEST_F(DeadlineTest, silence_in_the_body_is_a_timeout_but_not_in_doubt) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(k_chunked_head);
    peer.send(chunk("beginning"));
    peer.wait_for_client_to_close();
  });
  HttpDeadlines deadlines;
  deadlines.idle = k_short;
  const Error error = expect_error([&] { run(io_, ask(io_.get_executor(), server.address(), deadlines)); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.in_doubt());
  EXPECT_EQ(error.http_status(), 200);
  EXPECT_STREQ(error.what(), "GET /: nothing more came within 30 ms");
}

TEST_F(DeadlineTest, the_idle_deadline_begins_anew_with_every_piece) {
  // 5 pieces, each well within the deadline, and more than the deadline in all.
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(k_chunked_head);
    for (int i = 0; i < 5; ++i) {
      asio::io_context clock;
      asio::steady_timer(clock, 80ms).wait();
      peer.send(chunk("x"));
    }
    peer.send("0\r\n\r\n");
  });
  HttpDeadlines deadlines;
  deadlines.idle = 300ms;
  EXPECT_EQ(run(io_, ask(io_.get_executor(), server.address(), deadlines)).body, "xxxxx");
}

TEST_F(DeadlineTest, a_body_that_trickles_on_is_given_up_when_its_whole_time_is_over) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(k_chunked_head);
    while (peer.send(chunk("x"))) std::this_thread::sleep_for(1ms);
  });
  HttpDeadlines deadlines;
  deadlines.whole = k_short;
  bool closed = false;
  const Error error = run(io_, failure_of(io_.get_executor(), server.address(), deadlines, closed));
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.in_doubt());
  EXPECT_STREQ(error.what(), "GET /: the answer did not come to its end within 30 ms");
  EXPECT_TRUE(closed);
}

TEST_F(DeadlineTest, without_deadlines_an_answer_is_waited_for) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(200, "x"));
  });
  const HttpDeadlines never{std::nullopt, std::nullopt, std::nullopt};
  EXPECT_EQ(run(io_, ask(io_.get_executor(), server.address(), never)).body, "x");
}

TEST_F(DeadlineTest, a_finished_exchange_leaves_no_timer_behind) {
  const ScriptedServer server(test_support::engine_script([](const auto&) { return answer(200, "x"); }));
  HttpDeadlines deadlines;
  deadlines.head = deadlines.idle = deadlines.connect = 1h;
  // run() returns only when the io_context has nothing left to wait for: with a timer of an hour it would
  // not.
  EXPECT_EQ(run(io_, ask(io_.get_executor(), server.address(), deadlines)).body, "x");
}

TEST_F(DeadlineTest, cancelling_while_the_head_is_awaited_is_cancelled_and_in_doubt) {
  const ScriptedServer server([this](ScriptedPeer& peer) {
    peer.read_request();
    cancel();
    peer.wait_for_client_to_close();
  });
  const Error error = run_cancelled(ask(io_.get_executor(), server.address(), {}));
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_TRUE(error.in_doubt());
}

TEST_F(DeadlineTest, a_cancellation_that_meets_the_answer_is_an_error_of_ours_and_not_of_asio) {
  std::promise<void> answered;
  const ScriptedServer server([&answered](ScriptedPeer& peer) {
    peer.send(answer(200, "x"));
    answered.set_value();
    peer.wait_for_client_to_close();
  });
  const auto connection = run(io_, HttpConnection::open(io_.get_executor(), server.address(), 5s));
  answered.get_future().wait();
  // The answer is there before the question, so the first read succeeds at once and its completion is queued
  // behind the cancellation: the coroutine goes on with bytes in its hand and a cancellation that no
  // operation has reported.
  const auto drive = [this] { cancel(); };
  const Error error = run_cancelled(exchange(*connection, HttpRequest{}, HttpDeadlines{}), drive);
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
}

TEST_F(DeadlineTest, cancelling_in_the_middle_of_the_body_is_cancelled_and_not_in_doubt) {
  const ScriptedServer server([this](ScriptedPeer& peer) {
    peer.read_request();
    peer.send_split(std::string(k_chunked_head) + chunk("beginning"), k_chunked_head.size());
    cancel();
    peer.wait_for_client_to_close();
  });
  const Error error = run_cancelled(ask(io_.get_executor(), server.address(), {}));
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_FALSE(error.in_doubt());
}

TEST_F(DeadlineTest, cancelling_while_the_body_is_sent_is_cancelled) {
  const ScriptedServer server([this](ScriptedPeer& peer) {
    peer.read_head();
    cancel();
    peer.wait_for_client_to_close();
  });
  HttpRequest request{.method = "POST", .body = std::string(8'000'000, 'x')};
  const Error error = run_cancelled(ask(io_.get_executor(), server.address(), {}, std::move(request)));
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_TRUE(error.in_doubt());
}

}  // namespace
}  // namespace halcyon::docker_api
