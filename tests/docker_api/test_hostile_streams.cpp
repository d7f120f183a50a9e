// An engine whose streams mean harm: frames, output and archives that announce more than they hold, or never
// end.
#include "docker_api/container_archive.hpp"
#include "docker_api/containers.hpp"
#include "docker_api/exec.hpp"
#include "tests/docker_api/hostile_fixture.hpp"
#include "tests/support/engine_calls.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::string_literals;
using test_support::answer;
using test_support::AnswerShape;
using test_support::EngineCall;

const std::string k_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n";
const std::string k_four_gib = "\xff\xff\xff\xff";

asio::awaitable<void> read_all_logs(Engine& engine) {
  LogReader reader = co_await open_logs(engine, ContainerId("web"), {.tty = false});
  while (co_await reader.next()) {
  }
}

asio::awaitable<void> wait_for_any_exit(Engine& engine) {
  ArmedWait wait = co_await arm_wait(engine, ContainerId("web"), WaitCondition::not_running);
  co_await wait.result();
}

asio::awaitable<void> execute(Engine& engine) {
  co_await run_exec(engine, ContainerId("web"), {.command = {"yes"}}, {.output_limit_bytes = k_mib});
}

asio::awaitable<void> stat_path(Engine& engine) { co_await find_path(engine, ContainerId("web"), "/etc"); }

class HostileStreamTest : public HostileFixture {};

TEST_F(HostileStreamTest, a_frame_that_announces_4_gib_costs_nothing_and_is_missed) {
  const HeapMeter meter;
  serve_bytes_and_close(k_head + "\x01\0\0\0"s + k_four_gib + "hello");
  expect_refused(read_all_logs(*engine_),
                 {.kind = ErrorKind::truncated, .part = "bytes before the end of a frame"});
  EXPECT_LT(meter.largest_bytes(), k_mib);
}

TEST_F(HostileStreamTest, an_error_frame_that_never_ends_is_the_engines_error_soon) {
  serve_for_ever(k_head + "\x03\0\0\0"s + k_four_gib, "disk full ");
  expect_refused(read_all_logs(*engine_),
                 {.kind = ErrorKind::in_stream, .part = "disk full", .peak_bytes = 2 * k_mib});
}

TEST_F(HostileStreamTest, frames_that_are_none_are_refused) {
  for (const std::string& bytes : {"\x04\0\0\0\0\0\0\x01x"s, "\xff\xff\xff\xff\xff\xff\xff\xff"s,
                                   "plain text\n"s, "{\"message\":\"no\"}"s}) {
    serve_bytes_and_close(k_head + bytes);
    expect_refused(read_all_logs(*engine_), {.part = "a frame of unknown type"});
  }
  serve_bytes_and_close(k_head + "\x01\0\0"s);
  expect_refused(read_all_logs(*engine_), {.kind = ErrorKind::truncated, .part = "inside a frame's header"});
}

TEST_F(HostileStreamTest, output_without_end_is_refused_at_its_limit) {
  serve([](const test_support::SeenRequest& request) {
    if (request.target.ends_with("/containers/web/exec")) return answer(201, R"({"Id":"x"})");
    std::string frame = "\x01\0\0\0\0\0\x40\0"s + std::string(0x4000, 'y');
    std::string bytes = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    for (int i = 0; i < 100; ++i) bytes += frame;
    return bytes;
  });
  expect_refused(execute(*engine_), {.part = "1048576 bytes", .peak_bytes = 12 * k_mib});
}

TEST_F(HostileStreamTest, a_wait_that_talks_without_end_is_refused) {
  serve_for_ever("HTTP/1.1 200 OK\r\n\r\n", " ");
  expect_refused(wait_for_any_exit(*engine_), {.part = "the answer is far too long"});
  serve_for_ever("HTTP/1.1 200 OK\r\n\r\n{\"StatusCode\":", "1");
  expect_refused(wait_for_any_exit(*engine_), {.part = "the answer is far too long"});
  serve_bytes_and_close("HTTP/1.1 200 OK\r\n\r\n");
  expect_refused(wait_for_any_exit(*engine_), {.kind = ErrorKind::truncated, .part = "without an exit code"});
  for (const char* body :
       {"{}", "null", R"({"StatusCode":null})", R"({"StatusCode":"0"})", R"({"StatusCode":1e400})"}) {
    serve_bytes(answer(200, body));
    expect_refused(wait_for_any_exit(*engine_), {});
  }
}

TEST_F(HostileStreamTest, a_description_of_a_path_that_is_none_is_refused) {
  for (const char* header :
       {"", "X-Docker-Container-Path-Stat: \r\n", "X-Docker-Container-Path-Stat: !!!\r\n",
        "X-Docker-Container-Path-Stat: bm8=\r\n",                                         // no
        "X-Docker-Container-Path-Stat: eyJuYW1lIjoxfQ==\r\n",                             // {"name":1}
        "X-Docker-Container-Path-Stat: WzFd\r\n",                                         // [1]
        "X-Docker-Container-Path-Stat: eyJtb2RlIjoxODQ0Njc0NDA3MzcwOTU1MTYxNX0=\r\n"}) {  // {"mode":2^64-1}
    SCOPED_TRACE(header);
    serve_bytes_and_close("HTTP/1.1 200 OK\r\n" + std::string(header) + "\r\n");
    expect_refused(stat_path(*engine_), {});
  }
}

/// Calls whose answer streams, with answers that are nothing at all: none takes them for whole.
TEST_F(HostileStreamTest, rubbish_is_no_archive_no_output_and_no_message) {
  const std::string stat = "X-Docker-Container-Path-Stat: eyJuYW1lIjoiZXRjIn0=\r\n";
  for (const std::string& body :
       {"rubbish"s, "\0"s, std::string(1024, 'x'), std::string(512, '\0'), "{\"message\":\"gone\"}"s}) {
    for (const EngineCall& call : test_support::engine_calls()) {
      if (call.shape == AnswerShape::json || call.shape == AnswerShape::nothing) continue;
      // A message of unknown shape is progress; a frame of no bytes is no output.
      if (call.shape == AnswerShape::messages && body.front() == '{') continue;
      if (call.shape == AnswerShape::frames && body.size() == 512) continue;
      serve_bytes(answer(200, body, stat));
      const auto error = run_hostile(call.run(*engine_));
      ASSERT_TRUE(error) << call.name << " takes this for whole: " << body.substr(0, 20);
      EXPECT_LT(std::string(error->what()).size(), 9000U);
    }
  }
}

asio::awaitable<void> read_stream(Engine& engine) {
  EngineRequest request{.path = "/containers/web/export"};
  request.deadlines.idle = std::chrono::milliseconds{50};
  request.deadlines.idle_bytes = 1'000'000;  // a byte for each turn of the loop is far from that
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  while (!(co_await stream.read_some()).empty()) {
  }
}

TEST_F(HostileStreamTest, a_stream_that_trickles_is_given_up_however_steadily) {
  serve_attack([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.send_bytewise("x")) {
    }
  });
  expect_refused(read_stream(*engine_), {.kind = ErrorKind::timeout, .part = "bytes came within 50 ms"});
}

}  // namespace
}  // namespace halcyon::docker_api
