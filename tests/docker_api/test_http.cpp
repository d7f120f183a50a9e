#include "docker_api/http.hpp"

#include <gtest/gtest.h>

#include <atomic>

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
using test_support::SeenRequest;
using namespace std::chrono_literals;

/// What is left of a connection after one exchange.
struct Result {
  HttpResponse response;
  bool reusable = false;
};

asio::awaitable<Result> exchange_once(asio::any_io_executor executor, EngineAddress address,
                                      HttpRequest request,
                                      std::size_t body_limit_bytes = k_http_body_limit_bytes) {
  auto connection = co_await HttpConnection::open(executor, address, 5s);
  HttpResponse response =
      co_await exchange(*connection, std::move(request), HttpDeadlines{}, body_limit_bytes);
  co_return Result{std::move(response), connection->is_reusable()};
}

class HttpTest : public ::testing::Test {
 protected:
  Result ask(const ScriptedServer& server, HttpRequest request = {}) {
    return run(io_, exchange_once(io_.get_executor(), server.address(), std::move(request)));
  }
  /// Plays `bytes` as the answer to one request and closes.
  Result ask(std::string bytes, HttpRequest request = {}) {
    const ScriptedServer server([&bytes](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(bytes);
      peer.close();
    });
    return ask(server, std::move(request));
  }

  asio::io_context io_;
};

const std::string k_body = "The quick brown fox";

/// The same answer in every shape that HTTP/1.1 has for it.
std::vector<std::string> answers_of_every_shape() {
  return {
      answer(200, k_body, "Api-Version: 1.41\r\n"),
      "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("The quick ") +
          chunk("brown fox") + "0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nApi-Version:1.41\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0013;name=value\r\nThe quick brown fox\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
          answer(200, k_body, "Api-Version: 1.41\r\n"),
  };
}

TEST_F(HttpTest, an_answer_is_understood_wherever_it_is_split) {
  for (const std::string& bytes : answers_of_every_shape()) {
    std::size_t at = 0;
    const ScriptedServer server([&bytes, &at](ScriptedPeer& peer) {
      if (!peer.read_request()) return;
      peer.send_split(bytes, at);
      peer.wait_for_client_to_close();
    });
    for (at = 0; at <= bytes.size(); ++at) {
      const Result result = ask(server);
      EXPECT_EQ(result.response.status, 200) << "split at " << at;
      EXPECT_EQ(result.response.body, k_body) << "split at " << at;
      EXPECT_EQ(result.response.find_header("api-version"), "1.41");
      EXPECT_EQ(result.response.find_header("Trailer"), std::nullopt);
      EXPECT_TRUE(result.reusable) << "split at " << at;
    }
  }
}

TEST_F(HttpTest, an_answer_may_come_byte_by_byte) {
  for (const std::string& bytes : answers_of_every_shape()) {
    const ScriptedServer server([&bytes](ScriptedPeer& peer) {
      peer.read_request();
      peer.send_bytewise(bytes);
      peer.wait_for_client_to_close();
    });
    EXPECT_EQ(ask(server).response.body, k_body);
  }
}

TEST_F(HttpTest, an_answer_cut_anywhere_is_truncated) {
  for (const std::string& bytes : answers_of_every_shape()) {
    std::atomic<std::size_t> cut_at = 0;  // the server runs in a thread of its own
    const ScriptedServer server([&bytes, &cut_at](ScriptedPeer& peer) {
      if (!peer.read_request()) return;
      peer.send(std::string_view(bytes).substr(0, cut_at));
      peer.close();
    });
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      cut_at = at;
      const Error error = expect_error([&] { ask(server); });
      EXPECT_EQ(to_string(error.kind()), "truncated") << "cut at " << at << ": " << error.what();
      const std::size_t last_head_end = bytes.find("\r\n\r\n", bytes.find("200")) + 4;
      EXPECT_EQ(error.in_doubt(), at < last_head_end) << "cut at " << at << ": " << error.what();
    }
  }
}

TEST_F(HttpTest, a_body_without_length_ends_with_the_connection) {
  const Result result =
      ask("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nNo such container\r\n");
  EXPECT_EQ(result.response.status, 404);
  EXPECT_EQ(result.response.body, "No such container\r\n");
  EXPECT_FALSE(result.reusable);
}

TEST_F(HttpTest, statuses_without_body_have_none_whatever_their_length_says) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    const Result result = ask("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(result.response.body, "");
  }
  EXPECT_EQ(ask("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {.method = "HEAD"}).response.status, 200);
}

TEST_F(HttpTest, a_connection_is_kept_only_if_both_sides_want_it_and_nothing_is_left_over) {
  EXPECT_TRUE(ask(answer(200, "x")).reusable);
  EXPECT_FALSE(ask(answer(200, "x", "Connection: close\r\n")).reusable);
  EXPECT_FALSE(ask(answer(200, "x"), {.keep_alive = false}).reusable);
  EXPECT_FALSE(ask("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx").reusable);
  EXPECT_FALSE(ask(answer(200, "x") + "unasked").reusable);
}

TEST_F(HttpTest, what_is_not_http_is_a_protocol_error) {
  const std::string bad[] = {std::string("\x15\x03\x01\x00\x02\x02\x46 the alert of a TLS server", 33),
                             "HTTP/2.0 200 OK\r\n\r\n",
                             "HTTP/1.1 2000 OK\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                             "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                             std::string(k_chunked_head) + "xyz\r\n",
                             std::string(k_chunked_head) + "1\r\naXX\r\n0\r\n\r\n",
                             std::string(k_chunked_head) + "1;" + std::string(70'000, 'x')};
  for (const std::string& bytes : bad) {
    const Error error = expect_error([&] { ask(bytes); });
    EXPECT_EQ(to_string(error.kind()), "protocol") << bytes << " -> " << error.what();
  }
}

TEST_F(HttpTest, a_head_over_the_limit_is_refused) {
  EXPECT_EQ(ask(answer(200, "x", "A: " + std::string(60'000, 'a') + "\r\n")).response.body, "x");
  expect_error([&] { ask(answer(200, "x", "A: " + std::string(70'000, 'a') + "\r\n")); }, ErrorKind::protocol,
               "the head of the answer is longer than 65536 bytes");
}

TEST_F(HttpTest, a_body_over_the_limit_is_refused) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(200, std::string(1001, 'x')));
    peer.wait_for_client_to_close();
  });
  EXPECT_EQ(run(io_, exchange_once(io_.get_executor(), server.address(), {}, 1001)).response.body.size(),
            1001U);
  expect_error([&] { run(io_, exchange_once(io_.get_executor(), server.address(), {}, 1000)); },
               ErrorKind::protocol, "longer than 1000 bytes");
}

TEST_F(HttpTest, large_bodies_arrive_whole) {
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i);
  EXPECT_EQ(ask(answer(200, body)).response.body, body);
  EXPECT_EQ(
      ask(test_support::chunked_answer({body.substr(0, 1), body.substr(1, 999'999), body.substr(1'000'000)}))
          .response.body,
      body);
}

TEST_F(HttpTest, a_stream_goes_on_after_a_pause_in_which_it_holds_no_room) {
  std::string body;
  for (int i = 0; body.size() < 300'000; ++i) body += std::to_string(i);
  for (const std::size_t chunk_bytes : {std::size_t{100}, body.size()}) {
    std::string bytes(k_chunked_head);
    for (std::size_t at = 0; at < body.size(); at += chunk_bytes)
      bytes += chunk(body.substr(at, chunk_bytes));
    const ScriptedServer server([&bytes](ScriptedPeer& peer) {
      peer.read_request();
      // The rest goes out only when all before it has been read.
      peer.send_split(bytes + chunk("after a pause") + "0\r\n\r\n", bytes.size());
      peer.wait_for_client_to_close();
    });
    const Result result = ask(server);
    EXPECT_EQ(result.response.body, body + "after a pause");
    EXPECT_TRUE(result.reusable);
  }
}

TEST_F(HttpTest, the_request_is_sent_as_asked) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(200, ""));
  });
  ask(server, {.method = "POST",
               .target = "/containers/create?name=x",
               .headers = {{"Content-Type", "application/json"}, {"X-Tab", "a\tb"}},
               .body = "{}"});
  const std::vector<SeenRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].head,
            "POST /containers/create?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "X-Tab: a\tb\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(requests[0].body, "{}");
}

TEST_F(HttpTest, tcp_works_like_a_unix_socket) {
  const ScriptedServer server(
      test_support::engine_script([](const SeenRequest&) { return answer(200, k_body); }),
      ScriptedServer::Transport::tcp);
  const Result result = ask(server, {.target = "/x"});
  EXPECT_EQ(result.response.body, k_body);
  EXPECT_TRUE(result.reusable);
}

TEST_F(HttpTest, an_absent_socket_says_that_the_engine_may_not_run) {
  const Error error = expect_error(
      [&] { run(io_, exchange_once(io_.get_executor(), UnixAddress{"/tmp/halcyon-absent.sock"}, {})); });
  EXPECT_EQ(error.kind(), ErrorKind::unreachable);
  EXPECT_FALSE(error.in_doubt());
  EXPECT_STREQ(
      error.what(),
      "connect: cannot connect to unix:///tmp/halcyon-absent.sock: No such file or directory; there is no "
      "such socket: is the engine running?");
}

TEST_F(HttpTest, a_port_on_which_nobody_listens_is_unreachable) {
  EngineAddress address;
  {
    address = ScriptedServer([](ScriptedPeer&) {}, ScriptedServer::Transport::tcp).address();
  }
  expect_error([&] { run(io_, exchange_once(io_.get_executor(), address, {})); }, ErrorKind::unreachable,
               "Connection refused; nobody listens on that port");
}

TEST_F(HttpTest, a_socket_path_that_is_too_long_is_refused_with_our_own_error) {
  const EngineAddress address = UnixAddress{std::string(200, 'a')};
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(expect_error([&] { run(io_, exchange_once(io_.get_executor(), address, {})); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2)) << "no timer is left running";
}

TEST_F(HttpTest, a_name_is_resolved_and_an_unknown_one_is_unreachable) {
  const ScriptedServer server(
      [](ScriptedPeer& peer) {
        peer.read_request();
        peer.send(answer(200, "x"));
      },
      ScriptedServer::Transport::tcp);
  const std::uint16_t port = std::get<TcpAddress>(server.address()).port;
  EXPECT_EQ(run(io_, exchange_once(io_.get_executor(), TcpAddress{"localhost", port}, {})).response.status,
            200);
  expect_error(
      [&] {
        run(io_, exchange_once(io_.get_executor(), TcpAddress{"absent.invalid", port}, {}));
      },
      ErrorKind::unreachable, "the name is not known");
}

asio::awaitable<std::vector<bool>> watch_idle(asio::any_io_executor executor, const ScriptedServer& server,
                                              std::function<void()> disturb) {
  std::vector<bool> stale;
  auto connection = co_await HttpConnection::open(executor, server.address(), 5s);
  co_await exchange(*connection, HttpRequest{}, HttpDeadlines{});
  stale.push_back(connection->is_stale());
  disturb();
  stale.push_back(connection->is_stale());
  co_return stale;
}

TEST_F(HttpTest, an_idle_connection_that_was_closed_or_spoken_on_is_stale) {
  for (const bool closes : {true, false}) {
    std::atomic<int> step{0};
    const ScriptedServer server([&](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(answer(200, "x"));
      step.wait(0);
      closes ? peer.close() : static_cast<void>(peer.send("unasked"));
      step = 2;
      step.notify_all();
      peer.wait_for_client_to_close();
    });
    const auto disturb = [&step] {
      step = 1;
      step.notify_all();
      step.wait(1);
    };
    EXPECT_EQ(run(io_, watch_idle(io_.get_executor(), server, disturb)), (std::vector<bool>{false, true}));
  }
}

}  // namespace
}  // namespace halcyon::docker_api
