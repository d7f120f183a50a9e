// Every recorded answer, over every transport, that stops in the middle and then says nothing; and calls
// that are given up at every single step.
#include "docker_api/error.hpp"
#include "docker_api/exec.hpp"
#include "tests/docker_api/conformance/conformance_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto k_deadline = 4ms;

/// Reads a whole answer of any kind as mere bytes, with deadlines of a few milliseconds.
asio::awaitable<std::string> ask_briefly(Engine& engine, const Answer& answer) {
  EngineRequest request{.method = answer.method, .path = "/x"};
  request.deadlines.head = request.deadlines.idle = k_deadline;
  if (answer.ends == Ends::frames) {
    DuplexStream stream = co_await engine.open_duplex(std::move(request));
    co_return "opened";  // from here on there is no deadline: an idle process is none of our business
  }
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  std::string body;
  for (std::string_view piece = co_await stream.read_some(); !piece.empty();
       piece = co_await stream.read_some()) {
    body += piece;
  }
  co_return body;
}

asio::awaitable<void> send_and_stall(WireConnection& connection, std::string bytes, std::size_t cut) {
  co_await connection.send(bytes.substr(0, cut));
}

class ConformanceStalls : public ConformanceFixture {
 protected:
  asio::awaitable<void> send_and_cancel(WireConnection& connection, std::string bytes, std::size_t cut) {
    const std::size_t call = current_call();
    co_await connection.send(bytes.substr(0, cut));
    co_await connection.taken();
    cancel(call);
  }

  /// Makes the call once for every step of it, with its cancellation after that step.
  /// Returns after how many steps it is too late.
  std::size_t cancel_at_every_step(const std::function<asio::awaitable<std::string>()>& call,
                                   const Outcome& expected) {
    for (std::size_t steps = 0;; ++steps) {
      make_client();
      start(call());
      for (std::size_t i = 0; i < steps && !is_over(); ++i) step();
      if (is_over()) {
        EXPECT_EQ(finish(), expected);
        return steps;
      }
      cancel(current_call());
      const Outcome outcome = finish();
      EXPECT_TRUE(outcome.error == ErrorKind::cancelled || outcome == expected)
          << "cancelled after " << steps << " steps: " << outcome.text;
      if (HasFailure()) return steps;
    }
  }
};

TEST_P(ConformanceStalls, silence_anywhere_is_a_timeout) {
  const std::size_t most = GetParam() == Wire::unix_socket || GetParam() == Wire::tcp ? 5 : 2;
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    const std::size_t head = head_bytes(bytes);
    meet(answer.version);
    std::set<std::size_t> cuts{0, 1, head - 1, head, (head + bytes.size()) / 2, bytes.size() - 1};
    if (is_full_run()) {
      for (const std::size_t cut : choose_cuts(bytes.size(), head, 100)) cuts.insert(cut);
    } else {
      while (cuts.size() > most + 1) cuts.erase(std::next(cuts.begin()));
    }
    for (const std::size_t cut : cuts) {
      if (cut == bytes.size()) continue;
      if (answer.ends == Ends::frames && cut >= head) continue;
      reply([&](WireConnection& connection) { return send_and_stall(connection, bytes, cut); });
      const Outcome outcome = outcome_of(ask_briefly(*engine_, answer));
      ASSERT_TRUE(outcome.error) << "silence after " << cut << ": " << outcome.text;
      const bool is_status_told = cut >= head && outcome.error != ErrorKind::cancelled &&
                                  outcome.text.starts_with(std::string(answer.result).substr(0, 8));
      EXPECT_TRUE(outcome.error == ErrorKind::timeout || is_status_told)
          << "silence after " << cut << ": " << outcome.text;
    }
  }
}

TEST_P(ConformanceStalls, a_call_given_up_in_a_silence_is_cancelled) {
  const std::size_t most = GetParam() == Wire::ssh ? 4 : is_tls(GetParam()) ? 8 : 24;
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    for (const std::size_t cut : choose_cuts(bytes.size(), head_bytes(bytes), most)) {
      reply([&](WireConnection& connection) { return send_and_cancel(connection, bytes, cut); });
      const Outcome outcome = outcome_of(answer.call(*engine_));
      // An error that has already come is told; anything else has been given up.
      EXPECT_TRUE(outcome.error == ErrorKind::cancelled || (expected.error && outcome == expected))
          << "given up after " << cut << ": " << outcome.text;
    }
  }
}

asio::awaitable<void> send_pong_or(WireConnection& connection, std::string bytes) {
  if (connection.request().target == "/_ping") {
    co_await connection.send(test_support::pong());
    co_return;
  }
  co_await connection.send(std::move(bytes));
}

asio::awaitable<std::string> ask_info(Engine& engine) {
  const HttpResponse response = co_await engine.call({.path = "/info"});
  co_return response.body;
}

TEST_P(ConformanceStalls, a_call_can_be_given_up_at_every_step_of_connecting_pinging_asking_and_reading) {
  reply([](WireConnection& connection) {
    return send_pong_or(connection, test_support::chunked_answer({"some", "thing"}));
  });
  const std::size_t steps =
      cancel_at_every_step([this] { return ask_info(*engine_); }, {"something", std::nullopt});
  EXPECT_GT(steps, 5U);
}

asio::awaitable<std::string> send_much(Engine& engine) {
  const HttpResponse response =
      co_await engine.call({.method = "POST", .path = "/x", .json_body = std::string(1'500'000, 'x')});
  co_return response.body;
}

TEST_P(ConformanceStalls, a_call_can_be_given_up_at_every_step_of_sending_a_large_body) {
  reply([](WireConnection& connection) { return send_pong_or(connection, test_support::answer(200, "ok")); });
  const std::size_t steps =
      cancel_at_every_step([this] { return send_much(*engine_); }, {"ok", std::nullopt});
  EXPECT_GT(steps, 10U);
}

const std::string k_upgraded = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

asio::awaitable<void> upgrade_and_echo(WireConnection& connection) {
  if (connection.request().target == "/_ping") {
    co_await connection.send(test_support::pong());
    co_return;
  }
  co_await connection.send(k_upgraded);
  co_await connection.send(co_await connection.read_to_end());
  co_await connection.end();
}

asio::awaitable<std::string> talk_on_terminal(Engine& engine) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"), true);
  co_await stream.write(std::string(1'000'000, 'q'));
  co_await stream.end_writing();
  std::size_t heard = 0;
  while (const auto piece = co_await stream.next()) heard += piece->bytes.size();
  co_return std::to_string(heard);
}

TEST_P(ConformanceStalls, an_upgraded_stream_can_be_given_up_at_every_step) {
  reply(upgrade_and_echo);
  const std::size_t steps =
      cancel_at_every_step([this] { return talk_on_terminal(*engine_); }, {"1000000", std::nullopt});
  EXPECT_GT(steps, 20U);
}

/// Closes, without a word, the connection that the first call after the ping comes on.
asio::awaitable<void> die_once(WireConnection& connection, std::shared_ptr<int> deaths) {
  if (connection.request().target == "/_ping") {
    co_await connection.send(test_support::pong());
  } else if (++*deaths == 1) {
    connection.close();
  } else {
    co_await connection.send(test_support::answer(200, "ok"));
  }
}

asio::awaitable<std::string> make_call(Engine& engine, std::string method) {
  const HttpResponse response = co_await engine.call({.method = std::move(method), .path = "/x"});
  co_return response.body;
}

TEST_P(ConformanceStalls, what_a_kept_connection_loses_unheard_is_asked_again_only_if_it_changes_nothing) {
  for (const char* method : {"GET", "POST"}) {
    meet("1.41");
    const auto deaths = std::make_shared<int>(0);
    reply([deaths](WireConnection& connection) { return die_once(connection, deaths); });
    const Outcome outcome = outcome_of(make_call(*engine_, method));
    if (method == std::string("GET")) {
      EXPECT_EQ(outcome, (Outcome{"ok", std::nullopt}));
    } else {
      EXPECT_EQ(outcome.error, ErrorKind::truncated) << outcome.text;
      EXPECT_EQ(*deaths, 1);
    }
  }
}

HALCYON_ON_EVERY_WIRE(ConformanceStalls);

}  // namespace
}  // namespace halcyon::docker_api
