#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::pong;
using test_support::ScriptedPeer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

class NegotiationTest : public EngineFixture {
 protected:
  /// An engine that answers /_ping with `bytes`.
  void serve_ping(std::string bytes) {
    serve_script([bytes = std::move(bytes)](ScriptedPeer& peer) {
      while (peer.read_request()) peer.send(bytes);
    });
  }
};

TEST_F(NegotiationTest, the_first_call_pings_once_and_all_calls_carry_the_version) {
  serve_bytes(answer(200, "{}"));
  run(engine_->call({.path = "/version"}));
  run(engine_->call({.path = "/info"}));
  EXPECT_EQ(seen(), (Lines{"GET /_ping", "GET /v1.41/version", "GET /v1.41/info"}));
  EXPECT_EQ(server_->connections(), 1U);
  EXPECT_EQ(server_->requests()[1].header("Host"), "localhost");
}

TEST_F(NegotiationTest, the_version_is_the_older_one_of_both_sides) {
  for (const auto& [engine_newest, spoken] :
       {std::pair{"1.40", "1.40"}, {"1.44", "1.44"}, {"1.55", "1.55"}, {"1.56", "1.55"}, {"2.1", "1.55"}}) {
    serve_ping(pong(engine_newest));
    EXPECT_EQ(to_string(run(engine_->api_version())), spoken);
  }
}

TEST_F(NegotiationTest, an_engine_that_finds_the_version_wrong_is_asked_again_which_it_speaks) {
  auto calls = std::make_shared<int>(0);
  serve_script([calls](ScriptedPeer& peer) {
    while (peer.read_request()) {
      if (peer.request().target == "/_ping") {
        peer.send(pong(*calls == 0 ? "1.41" : "1.44"));
      } else if (++*calls == 1) {
        peer.send(answer(
            400, R"({"message":"client version 1.41 is too old. Minimum supported API version is 1.44"})"));
      } else {
        peer.send(answer(200, "{}"));
      }
    }
  });
  const Error error = expect_error([&] { run(engine_->call({.path = "/info"})); });
  EXPECT_EQ(error.kind(), ErrorKind::bad_request);
  EXPECT_EQ(error.api_version(), "1.41");
  run(engine_->call({.path = "/info"}));
  EXPECT_EQ(seen(), (Lines{"GET /_ping", "GET /v1.41/info", "GET /_ping", "GET /v1.44/info"}));
}

TEST_F(NegotiationTest, a_ping_that_is_destroyed_after_its_engine_touches_nothing_of_it) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.wait_for_client_to_close();
  });
  {
    asio::io_context io;
    {
      Engine engine(io.get_executor(), server_->address());
      asio::co_spawn(io, engine.api_version(), asio::detached);
      while (server_->requests().empty()) io.run_for(std::chrono::milliseconds(5));
    }
  }
  EXPECT_EQ(seen(), (Lines{"GET /_ping"}));
}

TEST_F(NegotiationTest, podman_is_known_by_a_header_of_the_same_ping) {
  serve_ping(pong("1.41"));
  EXPECT_EQ(run(engine_->kind()), EngineKind::docker);
  serve_ping(
      "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\nContent-Length: 2\r\n\r\nOK");
  EXPECT_EQ(run(engine_->kind()), EngineKind::podman);
  run(engine_->api_version());
  EXPECT_EQ(seen(), (Lines{"GET /_ping"}));
}

TEST_F(NegotiationTest, an_old_engine_is_unsupported_and_hears_nothing_but_the_ping) {
  serve_ping(pong("1.39"));
  const Error error =
      expect_error([&] { run(engine_->call({.method = "POST", .path = "/containers/create"})); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_FALSE(error.in_doubt());
  EXPECT_EQ(seen(), (Lines{"GET /_ping"}));
}

TEST_F(NegotiationTest, a_ping_without_version_is_a_protocol_error_and_never_an_unversioned_call) {
  for (const std::string& bytes : {answer(200, "OK"), pong("next"), pong("")}) {
    serve_ping(bytes);
    expect_error([&] { run(engine_->call({.path = "/info"})); }, ErrorKind::protocol, "names no Api-Version");
    EXPECT_EQ(seen(), (Lines{"GET /_ping"}));
  }
}

TEST_F(NegotiationTest, a_failing_ping_is_reported_and_not_remembered) {
  const auto pings = std::make_shared<int>(0);
  serve_script([pings](ScriptedPeer& peer) {
    while (peer.read_request()) peer.send(++*pings == 1 ? answer(500, "starting up") : pong());
  });
  expect_error([&] { run(engine_->api_version()); }, ErrorKind::refused,
               "GET /_ping: the engine answered 500: starting up");
  EXPECT_EQ(run(engine_->api_version()), (ApiVersion{1, 41}));
}

TEST_F(NegotiationTest, an_engine_that_is_not_there_is_unreachable) {
  Engine engine(io_.get_executor(), UnixAddress{"/tmp/halcyon-absent.sock"});
  const Error error = expect_error([&] { run(engine.call({.path = "/info"})); });
  EXPECT_EQ(error.kind(), ErrorKind::unreachable);
  EXPECT_STREQ(
      error.what(),
      "GET /_ping: cannot connect to unix:///tmp/halcyon-absent.sock: No such file or directory; there is no "
      "such socket: is the engine running?");
}

/// Starts `count` calls at once and counts how they end.
struct Tally {
  int answered = 0;
  std::vector<ErrorKind> failures;
};
asio::awaitable<void> count_call(Engine& engine, Tally& tally) {
  try {
    co_await engine.call({.path = "/info"});
    ++tally.answered;
  } catch (const Error& error) {
    tally.failures.push_back(error.kind());
  }
}
void run_at_once(asio::io_context& io, Engine& engine, Tally& tally, int count) {
  for (int i = 0; i < count; ++i) asio::co_spawn(io, count_call(engine, tally), asio::detached);
  io.restart();
  io.run();
}

TEST_F(NegotiationTest, concurrent_first_calls_share_one_ping) {
  serve_bytes(answer(200, "{}"));
  Tally tally;
  run_at_once(io_, *engine_, tally, 10);
  EXPECT_EQ(tally.answered, 10);
  const Lines lines = seen();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "GET /_ping"), 1);
  EXPECT_EQ(lines.size(), 11U);
}

TEST_F(NegotiationTest, concurrent_first_calls_share_the_failure_too) {
  serve_ping(answer(500, "no"));
  Tally tally;
  run_at_once(io_, *engine_, tally, 5);
  EXPECT_EQ(tally.failures, std::vector<ErrorKind>(5, ErrorKind::refused));
  EXPECT_EQ(seen().size(), 1U);
}

TEST_F(NegotiationTest, if_the_one_who_pings_is_cancelled_another_one_pings) {
  asio::cancellation_signal signal;
  serve_script({[&](ScriptedPeer& peer) {
                  peer.read_request();
                  asio::post(io_, [&signal] { signal.emit(asio::cancellation_type::terminal); });
                  peer.wait_for_client_to_close();
                },
                test_support::engine_script([](const SeenRequest&) { return answer(200, "{}"); })});
  Tally cancelled;
  Tally others;
  asio::co_spawn(io_, count_call(*engine_, cancelled),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  run_at_once(io_, *engine_, others, 3);
  EXPECT_EQ(cancelled.failures, (std::vector{ErrorKind::cancelled}));
  EXPECT_EQ(others.answered, 3);
}

TEST_F(NegotiationTest, who_waits_for_anothers_ping_can_be_cancelled_alone) {
  asio::cancellation_signal signal;
  serve_script(std::vector<test_support::Script>{[&](ScriptedPeer& peer) {
    peer.read_request();
    const auto emitted = std::make_shared<std::promise<void>>();
    asio::post(io_, [&signal, emitted] {
      signal.emit(asio::cancellation_type::terminal);
      emitted->set_value();
    });
    emitted->get_future().wait();
    peer.send(pong());
    while (peer.read_request()) peer.send(answer(200, "{}"));
  }});
  Tally first;
  Tally second;
  asio::co_spawn(io_, count_call(*engine_, first), asio::detached);
  asio::co_spawn(io_, count_call(*engine_, second),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  io_.run();
  EXPECT_EQ(first.answered, 1);
  EXPECT_EQ(second.failures, (std::vector{ErrorKind::cancelled}));
}

}  // namespace
}  // namespace halcyon::docker_api
