#include "docker_api/json_stream.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::chunk;
using test_support::chunked_answer;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;

constexpr std::chrono::milliseconds k_brief{50};

/// How long the engine may be silent, and a message take; nothing: as usual.
struct Patience {
  std::optional<std::chrono::milliseconds> idle;
  std::chrono::milliseconds message = k_message_deadline;
};

asio::awaitable<JsonStream> open(Engine& engine, Patience patience = {}) {
  EngineRequest request{.path = "/stream"};
  request.deadlines.idle = patience.idle;
  co_return JsonStream(co_await engine.open_stream(std::move(request)), 1000, patience.message);
}

/// What a stream gave before it ended, and how it ended.
struct Story {
  std::vector<std::string> messages;
  std::optional<Error> error;
};

asio::awaitable<Story> read_messages(Engine& engine, std::function<void()> on_message = {},
                                     Patience patience = {}) {
  Story story;
  try {
    JsonStream stream = co_await open(engine, patience);
    while (const auto message = co_await stream.next()) {
      story.messages.push_back(message->dump());
      if (on_message) on_message();
    }
  } catch (const Error& error) {
    story.error = error;
  }
  co_return story;
}

class JsonStreamTest : public EngineFixture {
 protected:
  /// An engine that sends `bytes` after the ping and closes.
  void serve_and_close(std::string bytes) {
    serve_script([bytes = std::move(bytes)](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(test_support::pong());
      peer.read_request();
      peer.send(bytes);
      peer.close();
    });
  }
};

using Messages = std::vector<std::string>;

TEST_F(JsonStreamTest, a_clean_end_is_nothing_and_stays_nothing) {
  serve_bytes(chunked_answer({"{\"a\":1}\n{\"b\"", ":2}", "\x1e{\"c\":3}"}));
  const Story story = run(read_messages(*engine_));
  EXPECT_FALSE(story.error);
  EXPECT_EQ(story.messages, (Messages{R"({"a":1})", R"({"b":2})", R"({"c":3})"}));
}

TEST_F(JsonStreamTest, an_error_among_the_messages_comes_after_those_before_it) {
  serve_bytes(chunked_answer({R"({"a":1}{"errorDetail":{"message":"no space left"},"error":"x"}{"b":2})"}));
  const Story story = run(read_messages(*engine_));
  EXPECT_EQ(story.messages, (Messages{R"({"a":1})"}));
  ASSERT_TRUE(story.error);
  EXPECT_EQ(story.error->kind(), ErrorKind::in_stream);
  EXPECT_EQ(story.error->engine_text(), "no space left");
  EXPECT_EQ(story.error->http_status(), 200);
}

TEST_F(JsonStreamTest, a_lost_connection_and_half_a_message_are_truncated) {
  serve_and_close(std::string(k_chunked_head) + chunk(R"({"a":1}{"b")"));
  Story story = run(read_messages(*engine_));
  EXPECT_EQ(story.messages, (Messages{R"({"a":1})"})) << "what came whole is handed out";
  ASSERT_TRUE(story.error);
  EXPECT_EQ(story.error->kind(), ErrorKind::truncated);
  serve_bytes(chunked_answer({R"({"a":1}{"b")"}));
  story = run(read_messages(*engine_));
  EXPECT_EQ(story.messages.size(), 1U);
  ASSERT_TRUE(story.error);
  EXPECT_EQ(story.error->kind(), ErrorKind::truncated) << "HTTP ended well, the message did not";
}

TEST_F(JsonStreamTest, text_that_is_no_message_is_an_error_behind_the_messages_before_it) {
  serve_bytes(chunked_answer({R"({"a":1}page not found)"}));
  const Story story = run(read_messages(*engine_));
  EXPECT_EQ(story.messages, (Messages{R"({"a":1})"}));
  ASSERT_TRUE(story.error);
  EXPECT_EQ(story.error->kind(), ErrorKind::protocol);
}

TEST_F(JsonStreamTest, a_message_over_the_limit_is_refused) {
  serve_bytes(chunked_answer({R"({"a":")" + std::string(1000, 'x') + R"("})"}));
  const Story story = run(read_messages(*engine_));
  ASSERT_TRUE(story.error);
  EXPECT_EQ(story.error->kind(), ErrorKind::protocol);
}

TEST_F(JsonStreamTest, a_message_that_trickles_is_given_up) {
  for (const Patience patience : {Patience{.idle = k_brief}, Patience{.message = k_brief}}) {
    serve_script([](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(test_support::pong());
      peer.read_request();
      peer.send(std::string(k_chunked_head) + chunk("{\"a\":1}") + chunk("{\"b\":\""));
      while (peer.send_bytewise(chunk("\\"))) {
      }
    });
    const Story story = run(read_messages(*engine_, {}, patience));
    EXPECT_EQ(story.messages, (Messages{R"({"a":1})"}));
    ASSERT_TRUE(story.error);
    EXPECT_EQ(story.error->kind(), ErrorKind::timeout);
    EXPECT_STREQ(story.error->what(), "GET /stream: no whole message came within 50 ms");
  }
}

asio::awaitable<int> fail_twice(Engine& engine) {
  JsonStream stream = co_await open(engine);
  int failures = 0;
  for (int i = 0; i < 2; ++i) {
    try {
      co_await stream.next();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::in_stream) ++failures;
    }
  }
  co_return failures;
}

TEST_F(JsonStreamTest, a_failed_stream_says_so_each_time) {
  serve_bytes(chunked_answer({R"({"error":"broken"})", R"({"late":1})"}));
  EXPECT_EQ(run(fail_twice(*engine_)), 2);
}

TEST_F(JsonStreamTest, the_callers_own_wish_is_cancelled) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send(std::string(k_chunked_head) + chunk("{\"a\":1}"));
    peer.wait_for_client_to_close();
  });
  asio::cancellation_signal signal;
  std::optional<Story> story;
  const auto cancel_soon = [&] {
    asio::post(io_, [&signal] { signal.emit(asio::cancellation_type::terminal); });
  };
  asio::co_spawn(io_, test_support::store(read_messages(*engine_, cancel_soon), story),
                 asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
  io_.run();
  ASSERT_TRUE(story);
  EXPECT_EQ(story->messages, (Messages{R"({"a":1})"}));
  ASSERT_TRUE(story->error);
  EXPECT_EQ(story->error->kind(), ErrorKind::cancelled);
}

TEST(MessageErrorTest, error_detail_goes_before_the_old_text) {
  const auto find = [](const char* text) { return find_message_error(nlohmann::json::parse(text)); };
  EXPECT_EQ(find(R"({"status":"ok"})"), "");
  EXPECT_EQ(find(R"({"error":null,"errorDetail":null})"), "");
  EXPECT_EQ(find(R"({"error":"old","errorDetail":{"message":"new"}})"), "new");
  EXPECT_EQ(find(R"({"error":"old"})"), "old");
  EXPECT_EQ(find(R"({"errorDetail":{}})"), "an error without text");
}

}  // namespace
}  // namespace halcyon::docker_api
