#include "docker_api/http_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <map>

#include "docker_api/error.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/http_client_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test_support::answer;
using test_support::chunk;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;
using test_support::ScriptedServer;
using test_support::SeenRequest;
using HttpClientTest = HttpClientFixture;

TEST_F(HttpClientTest, a_request_says_what_it_should_over_tcp_and_a_socket) {
  for (const auto transport : {ScriptedServer::Transport::tcp, ScriptedServer::Transport::unix_socket}) {
    const ScriptedServer server(say(answer(404, "none", "X-A: b\r\n")), transport);
    const Url url = url_of(server, "/a%20b?c=d");
    const UrlAnswer result = ask({.method = "POST", .url = url, .headers = {{"X-H", "v"}}, .body = "text"});
    EXPECT_EQ(result.response.status, 404);
    EXPECT_EQ(result.response.body, "none");
    EXPECT_EQ(result.response.find_header("x-a"), "b");
    EXPECT_EQ(result.url, url);
    const SeenRequest request = server.requests().at(0);
    EXPECT_EQ(request.method + ' ' + request.target, "POST /a%20b?c=d");
    EXPECT_EQ(request.header("Host"), host_header(url));
    EXPECT_EQ(request.header("X-H"), "v");
    EXPECT_EQ(request.header("Content-Length"), "4");
    EXPECT_EQ(request.body, "text");
  }
}

TEST_F(HttpClientTest, headers_that_make_the_message_are_not_the_callers) {
  const ScriptedServer server(say(answer(200, "")), ScriptedServer::Transport::tcp);
  for (const char* name : {"Host", "content-length", "TRANSFER-ENCODING", "Connection", "Expect"}) {
    expect_error(
        [&] {
          ask({.url = url_of(server), .headers = {{name, "x"}}});
        },
        ErrorKind::invalid_argument, "is written by us");
  }
  EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(HttpClientTest, each_origin_keeps_its_own_connection) {
  const ScriptedServer one(say(answer(200, "one")), ScriptedServer::Transport::tcp);
  const ScriptedServer two(say(answer(200, "two")), ScriptedServer::Transport::tcp);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask({.url = url_of(one)}).response.body, "one");
    EXPECT_EQ(ask({.url = url_of(two)}).response.body, "two");
  }
  EXPECT_EQ(one.connections(), 1U);
  EXPECT_EQ(two.connections(), 1U);
}

TEST_F(HttpClientTest, connections_to_more_servers_than_are_kept_are_closed) {
  std::vector<std::unique_ptr<ScriptedServer>> servers;
  for (std::size_t i = 0; i <= k_kept_origins; ++i) {
    servers.push_back(std::make_unique<ScriptedServer>(say(answer(200, ""))));
    ask({.url = url_of(*servers.back())});
  }
  ask({.url = url_of(*servers[1])});
  EXPECT_EQ(servers[1]->connections(), 1U);
  ask({.url = url_of(*servers[0])});
  EXPECT_EQ(servers[0]->connections(), 2U);
}

TEST_F(HttpClientTest, a_connection_that_was_closed_while_idle_is_not_used) {
  std::promise<void> closed;
  const ScriptedServer server({[&](ScriptedPeer& peer) {
                                 peer.read_request();
                                 peer.send(answer(200, "first"));
                                 peer.close();
                                 closed.set_value();
                               },
                               say(answer(200, "second"))},
                              ScriptedServer::Transport::tcp);
  ask({.url = url_of(server)});
  closed.get_future().wait();
  EXPECT_EQ(ask({.method = "POST", .url = url_of(server), .body = "x"}).response.body, "second");
  EXPECT_EQ(server.requests().size(), 2U) << "a POST, and yet only sent once";
}

TEST_F(HttpClientTest, only_what_may_be_repeated_is_sent_again_when_a_kept_connection_is_lost) {
  struct Row {
    UrlRequest request;
    bool repeated;
  };
  const Row rows[] = {{{.method = "GET"}, true},
                      {{.method = "HEAD"}, true},
                      {{.method = "OPTIONS"}, true},
                      {{.method = "POST", .body = "x"}, false},
                      {{.method = "PUT", .body = "x"}, false},
                      {{.method = "PUT", .body = "x", .may_be_repeated = true}, true},
                      {{.method = "DELETE"}, false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.request.method);
    const ScriptedServer server({deaf_from_the_second_on(), say(answer(200, ""))},
                                ScriptedServer::Transport::tcp);
    ask({.url = url_of(server)});
    UrlRequest request = row.request;
    request.url = url_of(server, "/x");
    if (row.repeated) {
      EXPECT_EQ(ask(request).response.status, 200);
      EXPECT_EQ(server.requests().size(), 3U);
      EXPECT_EQ(server.requests().back().body, request.body);
    } else {
      const Error error = expect_error([&] { ask(request); });
      EXPECT_EQ(error.kind(), ErrorKind::truncated);
      EXPECT_TRUE(error.in_doubt());
      EXPECT_EQ(error.endpoint(), request.method + ' ' + to_string(request.url));
      EXPECT_EQ(server.requests().size(), 2U);
    }
  }
}

TEST_F(HttpClientTest, a_fresh_connection_that_is_lost_is_not_tried_again) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.read_request(); },
                              ScriptedServer::Transport::tcp);
  EXPECT_EQ(expect_error([&] { ask({.url = url_of(server)}); }).kind(), ErrorKind::truncated);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, a_redirect_is_an_answer_unless_it_is_to_be_followed) {
  const ScriptedServer server(say(redirect_to("/b")), ScriptedServer::Transport::tcp);
  const UrlAnswer result = ask({.url = url_of(server, "/a")});
  EXPECT_EQ(result.response.status, 302);
  EXPECT_EQ(result.response.body, "moved");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpClientTest, redirects_are_followed_on_one_connection_up_to_their_number) {
  const ScriptedServer server(keep([](const SeenRequest& request) {
                                if (request.target == "/a/1") return redirect_to("2?x#y");
                                if (request.target == "/a/2?x") return redirect_to("/end");
                                return answer(200, "end");
                              }),
                              ScriptedServer::Transport::tcp);
  const UrlAnswer result = ask({.url = url_of(server, "/a/1"), .redirects = 2});
  EXPECT_EQ(result.response.body, "end");
  EXPECT_EQ(result.url, url_of(server, "/end"));
  EXPECT_EQ(server.connections(), 1U);
  expect_error([&] { ask({.url = url_of(server, "/a/1"), .redirects = 1}); }, ErrorKind::protocol,
               "1 redirects are allowed");
}

TEST_F(HttpClientTest, a_loop_of_redirects_ends) {
  const ScriptedServer server(say(redirect_to("/again")), ScriptedServer::Transport::tcp);
  expect_error([&] { ask({.url = url_of(server), .redirects = 10}); }, ErrorKind::protocol, "is it a loop?");
  EXPECT_EQ(server.requests().size(), 11U);
}

TEST_F(HttpClientTest, a_redirect_keeps_or_loses_method_and_body_as_the_rfc_says) {
  struct Row {
    int status;
    const char* method;
    const char* wanted;
    bool keeps_body;
  };
  const Row rows[] = {{301, "POST", "GET", false}, {302, "POST", "GET", false}, {303, "POST", "GET", false},
                      {307, "POST", "POST", true}, {308, "POST", "POST", true}, {301, "PUT", "PUT", true},
                      {302, "PUT", "PUT", true},   {303, "PUT", "GET", false},  {303, "HEAD", "HEAD", false},
                      {302, "GET", "GET", false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.method) + ' ' + std::to_string(row.status));
    const ScriptedServer server(keep([&row](const SeenRequest& request) {
                                  const bool first = request.target == "/a";
                                  if (request.method == "HEAD")
                                    return first ? "HTTP/1.1 303 See Other\r\nLocation: /b\r\n\r\n"
                                                 : std::string("HTTP/1.1 200 OK\r\n\r\n");
                                  return first ? redirect_to("/b", row.status) : answer(200, "");
                                }),
                                ScriptedServer::Transport::tcp);
    const bool has_body = std::string(row.method).starts_with('P');
    ask({.method = row.method,
         .url = url_of(server, "/a"),
         .headers = {{"Content-Type", "text/plain"}, {"Authorization", "a"}},
         .body = has_body ? "body" : "",
         .redirects = 1});
    const SeenRequest second = server.requests().at(1);
    EXPECT_EQ(second.method, row.wanted);
    EXPECT_EQ(second.body, row.keeps_body ? "body" : "");
    EXPECT_EQ(second.header("Authorization"), "a");
    if (has_body) EXPECT_EQ(second.header("Content-Type"), row.keeps_body ? "text/plain" : "");
  }
}

class TextSource final : public BodySource {
 public:
  std::optional<std::uint64_t> size_bytes() const override { return 4; }
  std::string_view read() override { return std::exchange(text_, {}); }

 private:
  std::string_view text_ = "once";
};

TEST_F(HttpClientTest, a_body_that_can_only_be_read_once_is_not_sent_to_a_second_place) {
  const ScriptedServer server(keep([](const SeenRequest& request) {
                                return request.target == "/a" ? redirect_to("/b", 307)
                                                              : redirect_to("/c", 303);
                              }),
                              ScriptedServer::Transport::tcp);
  expect_error(
      [&] {
        ask({.method = "PUT",
             .url = url_of(server, "/a"),
             .body_source = std::make_shared<TextSource>(),
             .redirects = 3});
      },
      ErrorKind::protocol, "wants the body again");
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0].header("Content-Length"), "4");
  EXPECT_EQ(server.requests()[0].header("Transfer-Encoding"), "");
  EXPECT_EQ(server.requests()[0].body, "once");
}

TEST_F(HttpClientTest, credentials_stay_with_their_origin) {
  const ScriptedServer other(say(answer(200, "other")), ScriptedServer::Transport::tcp);
  const std::string there = to_string(url_of(other, "/x"));
  const ScriptedServer server(say(redirect_to(there)), ScriptedServer::Transport::tcp);
  const UrlAnswer result = ask({.url = url_of(server),
                                .headers = {{"authorization", "a"},
                                            {"Cookie", "c"},
                                            {"Proxy-Authorization", "p"},
                                            {"X-Token", "", Secret("t")},
                                            {"X-Plain", "v"}},
                                .redirects = 1});
  EXPECT_EQ(to_string(result.url), there);
  EXPECT_EQ(server.requests().at(0).header("X-Token"), "t");
  const SeenRequest second = other.requests().at(0);
  for (const char* name : {"Authorization", "Cookie", "Proxy-Authorization", "X-Token"})
    EXPECT_EQ(second.header(name), "") << name;
  EXPECT_EQ(second.header("X-Plain"), "v");
}

TEST_F(HttpClientTest, a_secret_body_stays_with_its_origin_too) {
  const ScriptedServer other(say(answer(200, "other")), ScriptedServer::Transport::tcp);
  const ScriptedServer server(say(redirect_to(to_string(url_of(other, "/x")), 307)),
                              ScriptedServer::Transport::tcp);
  const auto send = [&] {
    ask({.method = "POST", .url = url_of(server), .secret_body = Secret("hunter2"), .redirects = 1});
  };
  expect_error(send, ErrorKind::protocol, "wants a secret body there");
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(HttpClientTest, a_redirect_to_a_socket_or_to_no_url_is_refused) {
  for (const auto& [location, words] : std::map<std::string, std::string>{
           {"http+unix://%2Frun%2Fdocker.sock/", "to a socket of this machine"},
           {"ftp://h/", "to no URL"},
           {"http://user:hunter2@h/", "to no URL"}}) {
    const ScriptedServer server(say(redirect_to(location)), ScriptedServer::Transport::tcp);
    const Error error = expect_error([&] { ask({.url = url_of(server), .redirects = 1}); });
    EXPECT_EQ(error.kind(), ErrorKind::protocol);
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
  }
}

TEST_F(HttpClientTest, limits_hold_for_head_and_body) {
  const ScriptedServer server(say(answer(200, "12345", "X-Long: " + std::string(500, 'x') + "\r\n")),
                              ScriptedServer::Transport::tcp);
  EXPECT_EQ(ask({.url = url_of(server), .head_limit_bytes = 1000, .body_limit_bytes = 5}).response.body,
            "12345");
  expect_error([&] { ask({.url = url_of(server), .body_limit_bytes = 4}); }, ErrorKind::protocol,
               "longer than 4 bytes");
  expect_error([&] { ask({.url = url_of(server), .head_limit_bytes = 400}); }, ErrorKind::protocol,
               "longer than 400 bytes");
}

TEST_F(HttpClientTest, the_whole_takes_no_longer_than_it_may) {
  const ScriptedServer silent(
      [](ScriptedPeer& peer) {
        peer.read_request();
        peer.wait_for_client_to_close();
      },
      ScriptedServer::Transport::tcp);
  const ScriptedServer endless(
      [](ScriptedPeer& peer) {
        peer.read_request();
        peer.send(k_chunked_head);
        while (peer.send(chunk("x"))) {
        }
      },
      ScriptedServer::Transport::tcp);
  const ScriptedServer loop(say(redirect_to("/")), ScriptedServer::Transport::tcp);
  for (const ScriptedServer* server : {&silent, &endless, &loop}) {
    UrlRequest request{.url = url_of(*server), .body_limit_bytes = SIZE_MAX, .redirects = 1'000'000};
    request.deadlines.whole = 50ms;
    const Error error = expect_error([&] { ask(request); });
    EXPECT_EQ(to_string(error.kind()), "timeout") << error.what();
  }
}

asio::awaitable<std::string> read_slowly(HttpClient& client, UrlRequest request, std::promise<void>& opened) {
  UrlStream stream = co_await client.open(std::move(request));
  EXPECT_EQ(stream.head().status, 200);
  opened.set_value();
  std::string all;
  for (auto piece = co_await stream.read_some(); !piece.empty(); piece = co_await stream.read_some())
    all += piece;
  EXPECT_TRUE((co_await stream.read_some()).empty());
  co_return all;
}

TEST_F(HttpClientTest, a_stream_is_read_piece_by_piece_and_its_connection_kept) {
  std::promise<void> opened;
  const auto was_opened = opened.get_future().share();
  const ScriptedServer server(
      [was_opened](ScriptedPeer& peer) {
        while (peer.read_request()) {
          peer.send(k_chunked_head);
          was_opened.wait();  // the head alone is enough to go on
          peer.send(chunk("one ") + chunk("two") + "0\r\n\r\n");
        }
      },
      ScriptedServer::Transport::tcp);
  EXPECT_EQ(run(read_slowly(client_, {.url = url_of(server)}, opened)), "one two");
  EXPECT_EQ(ask({.url = url_of(server)}).response.body, "one two");
  EXPECT_EQ(server.connections(), 1U);
}

asio::awaitable<void> read_once(HttpClient& client, UrlRequest request, std::size_t& bytes) {
  UrlStream stream = co_await client.open(std::move(request));
  bytes = (co_await stream.read_some()).size();
}

TEST_F(HttpClientTest, a_stream_that_is_not_read_to_its_end_closes_its_connection) {
  const ScriptedServer server(say(std::string(k_chunked_head) + chunk("one")),
                              ScriptedServer::Transport::tcp);
  std::size_t bytes = 0;
  run(read_once(client_, {.url = url_of(server)}, bytes));
  EXPECT_EQ(bytes, 3U);
  run(read_once(client_, {.url = url_of(server)}, bytes));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(HttpClientTest, a_truncated_body_is_never_the_end) {
  const ScriptedServer server(
      [](ScriptedPeer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
      },
      ScriptedServer::Transport::tcp);
  const Error error = expect_error([&] { ask({.url = url_of(server, "/a?signature=hunter2")}); });
  EXPECT_EQ(error.kind(), ErrorKind::truncated);
  EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos) << error.what();
}

TEST_F(HttpClientTest, a_request_can_be_cancelled) {
  std::promise<void> arrived;
  const ScriptedServer server(
      [&arrived](ScriptedPeer& peer) {
        peer.read_request();
        arrived.set_value();
        peer.wait_for_client_to_close();
      },
      ScriptedServer::Transport::tcp);
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(
      io_, client_.request({.url = url_of(server)}),
      asio::bind_cancellation_slot(
          signal.slot(), [&failure](std::exception_ptr error, const UrlAnswer&) { failure = error; }));
  std::thread canceller([&] {
    arrived.get_future().wait();
    asio::post(io_, [&signal] { signal.emit(asio::cancellation_type::terminal); });
  });
  io_.run();
  canceller.join();
  ASSERT_TRUE(failure);
  EXPECT_EQ(expect_error([&] { std::rethrow_exception(failure); }).kind(), ErrorKind::cancelled);
}

}  // namespace
}  // namespace halcyon::docker_api
