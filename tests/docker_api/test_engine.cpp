#include <atomic>

#include "docker_api/json_fields.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::chunk;
using test_support::k_chunked_head;
using test_support::pong;
using test_support::ScriptedPeer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

class EngineTest : public EngineFixture {};

/// Answers the ping and `more` calls with "{}", then does `then`.
test_support::Script after(int more, std::function<void(ScriptedPeer&)> then) {
  return [more, then = std::move(then)](ScriptedPeer& peer) {
    for (int i = 0; i < more + 1; ++i) {
      peer.read_request();
      peer.send(i == 0 ? pong() : answer(200, "{}"));
    }
    then(peer);
  };
}

TEST_F(EngineTest, a_query_is_encoded_and_bodies_have_their_type) {
  serve_bytes(answer(201, "{}"));
  run(engine_->call({.method = "POST",
                     .path = "/containers/create",
                     .query = {{"name", "a b&c"}, {"x", "1"}},
                     .json_body = "{}"}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/create?name=a%20b%26c&x=1");
  EXPECT_EQ(call_seen().header("Content-Type"), "application/json");
  EXPECT_EQ(call_seen().body, "{}");
}

TEST_F(EngineTest, behind_a_proxy_every_path_begins_with_its_prefix) {
  const test_support::ScriptedServer proxy(
      test_support::engine_script([](const SeenRequest&) { return answer(200, "{}"); }, "1.41"),
      test_support::ScriptedServer::Transport::tcp);
  auto address = std::get<TcpAddress>(proxy.address());
  address.path_prefix = "/docker";
  Engine engine(io_.get_executor(), address);
  run(engine.call({.path = "/info"}));
  ASSERT_EQ(proxy.requests().size(), 2U);
  EXPECT_EQ(proxy.requests()[0].target, "/docker/_ping");
  EXPECT_EQ(proxy.requests()[1].target, "/docker/v1.41/info");
}

TEST_F(EngineTest, a_post_without_body_sends_length_0_and_no_type) {
  serve_bytes(answer(204, ""));
  run(engine_->call({.method = "POST", .path = "/containers/x/start"}));
  EXPECT_EQ(call_seen().header("Content-Length"), "0");
  EXPECT_EQ(call_seen().header("Content-Type"), "");
  EXPECT_EQ(call_seen().header("Transfer-Encoding"), "");
}

TEST_F(EngineTest, errors_carry_endpoint_status_words_and_version) {
  serve_bytes(answer(409, R"({"message":"in use"})"));
  const Error error = expect_error([&] { run(engine_->call({.method = "DELETE", .path = "/volumes/v"})); });
  EXPECT_EQ(error.kind(), ErrorKind::conflict);
  EXPECT_EQ(error.endpoint(), "DELETE /volumes/v");
  EXPECT_EQ(error.http_status(), 409);
  EXPECT_EQ(error.engine_text(), "in use");
  EXPECT_EQ(error.api_version(), "1.41");
  EXPECT_FALSE(error.in_doubt());
}

TEST_F(EngineTest, after_a_proxys_502_or_504_nobody_knows_whether_the_engine_did_it) {
  for (const int status : {500, 502, 503, 504}) {
    serve_bytes(answer(status, "<html><h1>nginx</h1></html>"));
    const bool is_proxys = status == 502 || status == 504;
    const Error post = expect_error([&] { run(engine_->call({.method = "POST", .path = "/x"})); });
    EXPECT_EQ(post.in_doubt(), is_proxys) << status;
    EXPECT_EQ(post.http_status(), status);
    const Error get = expect_error([&] { run(engine_->call({.path = "/x"})); });
    EXPECT_FALSE(get.in_doubt()) << status << ": to ask changes nothing";
  }
}

TEST_F(EngineTest, an_error_leaves_the_connection_usable) {
  serve_bytes(answer(404, R"({"message":"No such container: x"})"));
  for (int i = 0; i < 3; ++i) EXPECT_THROW(run(engine_->call({.path = "/x"})), Error);
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(EngineTest, an_error_body_cut_short_is_still_the_engines_error) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(pong());
    peer.read_request();
    peer.send("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf of");
    peer.close();
  });
  expect_error([&] { run(engine_->call({.path = "/x"})); }, ErrorKind::refused,
               "the engine answered 500: half of");
}

TEST_F(EngineTest, a_304_is_returned_and_a_redirect_is_never_followed) {
  serve([](const SeenRequest& request) {
    return request.target == "/v1.41/same" ? "HTTP/1.1 304 Not Modified\r\n\r\n"
                                           : answer(301, "", "Location: /v1.41/elsewhere\r\n");
  });
  EXPECT_EQ(run(engine_->call({.method = "POST", .path = "/same"})).status, 304);
  expect_error([&] { run(engine_->call({.path = "/moved"})); }, ErrorKind::protocol, "never followed");
  EXPECT_EQ(seen().back(), "GET /v1.41/moved");
}

TEST_F(EngineTest, a_buffered_answer_is_limited) {
  const std::string piece(1024 * 1024, 'x');
  serve_script([piece](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(pong());
    peer.read_request();
    peer.send(k_chunked_head);
    while (peer.send(chunk(piece))) continue;
  });
  expect_error([&] { run(engine_->call({.path = "/x"})); }, ErrorKind::protocol,
               "longer than 33554432 bytes");
}

TEST_F(EngineTest, a_get_on_a_kept_connection_that_dies_unheard_is_sent_once_more) {
  const auto tries = std::make_shared<std::atomic<int>>(0);
  serve_script({after(1,
                      [tries](ScriptedPeer& peer) {
                        peer.read_request();
                        ++*tries;
                        peer.close();  // not one byte of an answer
                      }),
                [tries](ScriptedPeer& peer) {
                  while (peer.read_request()) {
                    ++*tries;
                    peer.send(answer(200, "[]"));
                  }
                }});
  run(engine_->call({.path = "/first"}));
  EXPECT_EQ(run(engine_->call({.path = "/second"})).body, "[]");
  EXPECT_EQ(*tries, 2);
  EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(EngineTest, a_get_that_dies_on_the_fresh_connection_too_is_not_tried_a_third_time) {
  const auto die = [](ScriptedPeer& peer) {
    peer.read_request();
    peer.close();
  };
  serve_script({after(1, die), die});
  run(engine_->call({.path = "/first"}));
  const Error error = expect_error([&] { run(engine_->call({.path = "/second"})); });
  EXPECT_EQ(error.kind(), ErrorKind::truncated);
  EXPECT_FALSE(error.in_doubt()) << "it changes nothing";
  EXPECT_EQ(seen(), (Lines{"GET /_ping", "GET /v1.41/first", "GET /v1.41/second", "GET /v1.41/second"}));
}

TEST_F(EngineTest, a_post_that_dies_unheard_is_never_sent_again) {
  for (const char* method : {"POST", "DELETE", "PUT"}) {
    serve_script(after(1, [](ScriptedPeer& peer) {
      peer.read_request();
      peer.close();
    }));
    run(engine_->call({.path = "/first"}));
    const Error error = expect_error([&] { run(engine_->call({.method = method, .path = "/second"})); });
    EXPECT_EQ(error.kind(), ErrorKind::truncated);
    EXPECT_TRUE(error.in_doubt());
    EXPECT_EQ(seen().size(), 3U);
    EXPECT_EQ(server_->connections(), 1U);
  }
}

TEST_F(EngineTest, what_acts_is_in_doubt_without_its_whole_answer_although_that_began_well) {
  const std::string whole = answer(201, R"({"Id":"1"})");
  for (const auto& [method, status, in_doubt] :
       {std::tuple{"POST", 201, true}, {"DELETE", 200, true}, {"POST", 409, false}, {"GET", 200, false}}) {
    const std::string cut = answer(status, R"({"Id":"1"})");
    serve_script(after(1, [&](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(cut.substr(0, cut.size() - 2));
      peer.close();
    }));
    run(engine_->call({.path = "/first"}));
    const Error error = expect_error([&] { run(engine_->call({.method = method, .path = "/second"})); });
    EXPECT_EQ(error.in_doubt(), in_doubt) << method << ' ' << status << ": " << error.what();
  }
}

TEST_F(EngineTest, a_get_that_was_heard_is_not_sent_again) {
  serve_script(after(1, [](ScriptedPeer& peer) {
    peer.read_request();
    peer.send("H");
    peer.close();
  }));
  run(engine_->call({.path = "/first"}));
  EXPECT_EQ(expect_error([&] { run(engine_->call({.path = "/second"})); }).kind(), ErrorKind::truncated);
  EXPECT_EQ(seen().size(), 3U);
}

TEST_F(EngineTest, a_timeout_is_not_a_reason_to_send_again) {
  serve_script(after(1, [](ScriptedPeer& peer) {
    peer.read_request();
    peer.wait_for_client_to_close();
  }));
  run(engine_->call({.path = "/first"}));
  EngineRequest request{.path = "/second"};
  request.deadlines.head = std::chrono::milliseconds{30};
  const Error error = expect_error([&] { run(engine_->call(std::move(request))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(error.endpoint(), "GET /second");
  EXPECT_EQ(error.api_version(), "1.41");
  EXPECT_EQ(seen().size(), 3U);
}

TEST_F(EngineTest, a_connection_that_should_end_or_holds_more_than_the_answer_is_not_used_again) {
  for (const std::string& bytes :
       {answer(200, "{}", "Connection: close\r\n"), answer(200, "{}") + "unasked"}) {
    serve_bytes(bytes);  // the engine itself would go on: only we know better
    run(engine_->api_version());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(run(engine_->call({.method = "POST", .path = "/x"})).body, "{}");
    EXPECT_EQ(server_->connections(), 3U);
  }
}

TEST_F(EngineTest, a_connection_closed_while_idle_is_found_out_before_a_post_is_sent_on_it) {
  const auto step = std::make_shared<std::atomic<int>>(0);
  serve_script({after(1,
                      [step](ScriptedPeer& peer) {
                        peer.close();
                        *step = 1;
                        step->notify_all();
                      }),
                test_support::engine_script([](const SeenRequest&) { return answer(201, "{}"); })});
  run(engine_->call({.path = "/first"}));
  step->wait(0);
  EXPECT_EQ(run(engine_->call({.method = "POST", .path = "/second"})).status, 201);
  EXPECT_EQ(server_->connections(), 2U);
}

asio::awaitable<std::string> read_whole(ResponseStream stream) {
  std::string body;
  for (;;) {
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) co_return body;
    body += piece;
  }
}

asio::awaitable<std::string> stream_whole(Engine& engine, EngineRequest request) {
  co_return co_await read_whole(co_await engine.open_stream(std::move(request)));
}

asio::awaitable<void> stream_first_piece(Engine& engine, EngineRequest request) {
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  co_await stream.read_some();
}

asio::awaitable<bool> read_past_the_end(Engine& engine, EngineRequest request) {
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  while (!(co_await stream.read_some()).empty()) continue;
  const std::string_view rest = co_await stream.read_some();
  const bool is_over = rest.empty();
  co_return is_over;
}

TEST_F(EngineTest, a_stream_gives_its_connection_back_only_when_it_was_read_to_the_end) {
  serve_bytes(test_support::chunked_answer({"one", "two"}));
  EXPECT_EQ(run(stream_whole(*engine_, {.path = "/stream"})), "onetwo");
  EXPECT_EQ(run(stream_whole(*engine_, {.path = "/stream"})), "onetwo");
  EXPECT_EQ(server_->connections(), 1U);
  run(stream_first_piece(*engine_, {.path = "/stream"}));
  EXPECT_EQ(run(stream_whole(*engine_, {.path = "/stream"})), "onetwo")
      << "not the rest of the stream before";
  EXPECT_EQ(server_->connections(), 2U);
  EXPECT_TRUE(run(read_past_the_end(*engine_, {.path = "/stream"})));
}

TEST_F(EngineTest, a_stream_that_is_cut_short_is_truncated_with_endpoint_and_version) {
  serve_script(after(0, [](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(k_chunked_head);
    peer.send(chunk("one"));
    peer.close();
  }));
  const Error error = expect_error([&] { run(stream_whole(*engine_, {.path = "/events"})); });
  EXPECT_EQ(error.kind(), ErrorKind::truncated);
  EXPECT_EQ(error.endpoint(), "GET /events");
  EXPECT_EQ(error.api_version(), "1.41");
  EXPECT_FALSE(error.in_doubt());
}

asio::awaitable<void> call_at_once(Engine& engine, int& answered) {
  co_await engine.call({.path = "/x"});
  ++answered;
}

TEST_F(EngineTest, more_calls_at_once_than_kept_connections_leave_only_those_open) {
  constexpr int k_calls = 20;
  serve_bytes(answer(200, "{}"));
  run(engine_->api_version());
  int answered = 0;
  for (int i = 0; i < k_calls; ++i) {
    asio::co_spawn(io_, call_at_once(*engine_, answered), [](std::exception_ptr) {});
  }
  io_.restart();
  io_.run();
  EXPECT_EQ(answered, k_calls);
  const std::size_t opened = server_->connections();
  EXPECT_GT(opened, 1U);
  for (int i = 0; i < k_calls; ++i) run(engine_->call({.path = "/x"}));
  EXPECT_EQ(server_->connections(), opened);
}

TEST_F(EngineTest, an_engine_may_be_dropped_while_a_stream_is_open) {
  serve_bytes(test_support::chunked_answer({"one", "two"}));
  std::optional<ResponseStream> stream;
  test_support::run(io_, test_support::store(engine_->open_stream({.path = "/stream"}), stream));
  engine_.reset();
  EXPECT_EQ(run(read_whole(std::move(*stream))), "onetwo");
}

}  // namespace
}  // namespace halcyon::docker_api
