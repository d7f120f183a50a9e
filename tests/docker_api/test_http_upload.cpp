// Bodies on their way out: chunks, early answers, a peer that reads no more (G18).
#include <gtest/gtest.h>

#include <future>

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

/// `count` pieces of 64 KiB.
class PiecesSource final : public BodySource {
 public:
  explicit PiecesSource(std::size_t count) : left_(count) {}
  std::string_view read() override {
    if (left_ == 0) return {};
    --left_;
    return piece_;
  }
  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
  std::string piece_ = std::string(65536, 'p');
};

struct UploadResult {
  HttpResponse response;
  bool reusable = false;
};

asio::awaitable<UploadResult> upload(asio::any_io_executor executor, EngineAddress address,
                                     HttpRequest request, HttpDeadlines deadlines = {}) {
  auto connection = co_await HttpConnection::open(executor, address, 5s);
  HttpResponse response = co_await exchange(*connection, std::move(request), deadlines);
  co_return UploadResult{std::move(response), connection->is_reusable()};
}

class UploadTest : public ::testing::Test {
 protected:
  UploadResult send(const ScriptedServer& server, std::shared_ptr<BodySource> source,
                    HttpDeadlines deadlines = {}) {
    return run(io_,
               upload(io_.get_executor(), server.address(),
                      {.method = "POST", .target = "/build", .body_source = std::move(source)}, deadlines));
  }
  asio::io_context io_;
};

TEST_F(UploadTest, a_source_is_sent_in_chunks) {
  const ScriptedServer server(test_support::engine_script([](const auto&) { return answer(200, "done"); }));
  const UploadResult result = send(server, std::make_shared<PiecesSource>(40));
  EXPECT_EQ(result.response.body, "done");
  EXPECT_TRUE(result.reusable);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(requests[0].header("Content-Length"), "");
  EXPECT_EQ(requests[0].body, std::string(40 * 65536, 'p'));
}

TEST_F(UploadTest, an_empty_source_is_an_empty_chunked_body) {
  const ScriptedServer server(test_support::engine_script([](const auto&) { return answer(200, "done"); }));
  EXPECT_EQ(send(server, std::make_shared<PiecesSource>(0)).response.body, "done");
  EXPECT_EQ(server.requests().at(0).body, "");
}

TEST_F(UploadTest, a_large_plain_body_arrives_whole) {
  const ScriptedServer server(test_support::engine_script([](const auto&) { return answer(200, "done"); }));
  const std::string body(5'000'000, 'b');
  const UploadResult result =
      run(io_, upload(io_.get_executor(), server.address(), {.method = "POST", .body = body}));
  EXPECT_TRUE(result.reusable);
  EXPECT_EQ(server.requests().at(0).body, body);
}

TEST_F(UploadTest, an_error_that_comes_before_the_body_is_read_ends_the_upload) {
  for (const bool closes : {true, false}) {
    const ScriptedServer server([closes](ScriptedPeer& peer) {
      peer.read_head();
      peer.send(answer(404, R"({"message":"No such image"})"));
      closes ? peer.close() : peer.wait_for_client_to_close();
    });
    const auto source = std::make_shared<PiecesSource>(10'000);
    const UploadResult result = send(server, source);
    EXPECT_EQ(result.response.status, 404);
    EXPECT_EQ(result.response.body, R"({"message":"No such image"})");
    EXPECT_FALSE(result.reusable) << "half a request is still on that connection";
    EXPECT_GT(source->left(), 0U);
  }
}

TEST_F(UploadTest, an_error_is_read_while_the_server_neither_reads_nor_closes) {
  std::promise<void> finished;
  const ScriptedServer server([&finished](ScriptedPeer& peer) {
    peer.read_head();
    peer.send(answer(400, "no"));
    finished.get_future().wait();  // the socket's buffer is full, nobody empties it
  });
  EXPECT_EQ(send(server, std::make_shared<PiecesSource>(10'000)).response.status, 400);
  finished.set_value();
}

TEST_F(UploadTest, progress_under_200_does_not_stop_the_upload) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_head();
    peer.send(k_chunked_head);
    peer.send(chunk("early;"));
    peer.read_rest_of_request();
    peer.send(chunk("late") + "0\r\n\r\n");
    peer.wait_for_client_to_close();
  });
  const UploadResult result = send(server, std::make_shared<PiecesSource>(100));
  EXPECT_EQ(result.response.body, "early;late");
  EXPECT_TRUE(result.reusable);
  EXPECT_EQ(server.requests().at(0).body.size(), 100 * 65536U);
}

TEST_F(UploadTest, a_peer_that_closes_without_an_answer_is_truncated_and_in_doubt) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_head();
    peer.close();
  });
  const Error error = expect_error([&] { send(server, std::make_shared<PiecesSource>(10'000)); });
  EXPECT_EQ(error.kind(), ErrorKind::truncated);
  EXPECT_TRUE(error.in_doubt());
}

TEST_F(UploadTest, a_server_that_stops_reading_is_a_timeout) {
  std::promise<void> finished;
  const ScriptedServer server([&finished](ScriptedPeer& peer) {
    peer.read_head();
    finished.get_future().wait();
  });
  HttpDeadlines deadlines;
  deadlines.head = 30ms;
  const Error error = expect_error([&] { send(server, std::make_shared<PiecesSource>(10'000), deadlines); });
  finished.set_value();
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.in_doubt());
}

TEST_F(UploadTest, an_error_of_the_source_ends_the_request) {
  class BrokenSource final : public BodySource {
   public:
    std::string_view read() override {
      throw Error({.kind = ErrorKind::protocol, .explanation = "the file changed"});
    }
  };
  const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_for_client_to_close(); });
  expect_error([&] { send(server, std::make_shared<BrokenSource>()); }, ErrorKind::protocol,
               "the file changed");
}

/// `count` bytes, announced as `announced`.
class SizedSource final : public BodySource {
 public:
  SizedSource(std::size_t count, std::uint64_t announced) : left_(count), announced_(announced) {}
  std::optional<std::uint64_t> size_bytes() const override { return announced_; }
  std::string_view read() override {
    const std::size_t piece = std::min<std::size_t>(left_, piece_.size());
    left_ -= piece;
    return std::string_view(piece_).substr(0, piece);
  }

 private:
  std::size_t left_;
  std::uint64_t announced_;
  std::string piece_ = std::string(65536, 's');
};

TEST_F(UploadTest, a_source_that_knows_its_size_is_sent_with_it) {
  const ScriptedServer server(test_support::engine_script([](const auto&) { return answer(200, "done"); }));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300'000}}) {
    const UploadResult result = send(server, std::make_shared<SizedSource>(size, size));
    EXPECT_EQ(result.response.body, "done");
    EXPECT_TRUE(result.reusable);
    const auto request = server.requests().back();
    EXPECT_EQ(request.header("Content-Length"), std::to_string(size));
    EXPECT_EQ(request.header("Transfer-Encoding"), "");
    EXPECT_EQ(request.body, std::string(size, 's'));
  }
}

TEST_F(UploadTest, a_source_that_announced_another_size_ends_the_connection) {
  const ScriptedServer server([](ScriptedPeer& peer) { peer.read_request(); });
  expect_error([&] { send(server, std::make_shared<SizedSource>(10, 11)); }, ErrorKind::invalid_argument,
               "announced with 11 bytes and ended after 10");
  expect_error([&] { send(server, std::make_shared<SizedSource>(12, 11)); }, ErrorKind::invalid_argument,
               "announced with 11 bytes and goes on after 11");
}

HttpRequest careful(std::string body, std::chrono::milliseconds wait) {
  return {.method = "PUT", .target = "/o", .body = std::move(body), .expect_continue = wait};
}

TEST_F(UploadTest, a_body_waits_for_the_peers_word) {
  std::promise<std::string> seen;
  const ScriptedServer server([&seen](ScriptedPeer& peer) {
    peer.read_head();
    seen.set_value(peer.request().header("Expect"));
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    peer.read_rest_of_request();
    peer.send(answer(200, "stored"));
    peer.wait_for_client_to_close();
  });
  const UploadResult result = run(io_, upload(io_.get_executor(), server.address(), careful("body", 1h)));
  EXPECT_EQ(seen.get_future().get(), "100-continue");
  EXPECT_EQ(result.response.body, "stored");
  EXPECT_TRUE(result.reusable);
  EXPECT_EQ(server.requests().at(0).body, "body");
}

TEST_F(UploadTest, a_body_that_is_not_wanted_is_not_sent) {
  std::promise<std::string> rest;
  const ScriptedServer server([&rest](ScriptedPeer& peer) {
    peer.read_head();
    peer.send(answer(417, "no"));
    rest.set_value(peer.read_to_end());
  });
  const UploadResult result = run(io_, upload(io_.get_executor(), server.address(), careful("body", 1h)));
  EXPECT_EQ(result.response.status, 417);
  EXPECT_FALSE(result.reusable) << "the peer may still wait for the body";
  EXPECT_EQ(rest.get_future().get(), "");
}

TEST_F(UploadTest, a_peer_that_knows_nothing_of_waiting_gets_the_body_all_the_same) {
  const ScriptedServer server([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(200, "stored"));
    peer.wait_for_client_to_close();
  });
  const UploadResult result = run(io_, upload(io_.get_executor(), server.address(), careful("body", 20ms)));
  EXPECT_EQ(result.response.body, "stored");
  EXPECT_TRUE(result.reusable);
}

}  // namespace
}  // namespace halcyon::docker_api
