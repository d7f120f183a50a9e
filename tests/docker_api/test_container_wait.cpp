#include <future>

#include "docker_api/containers.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::answer;
using test_support::chunk;
using test_support::k_chunked_head;
using test_support::pong;
using test_support::ScriptedPeer;

class WaitTest : public EngineFixture {};

asio::awaitable<std::int64_t> wait_for_exit(Engine& engine, std::function<void()> armed) {
  ArmedWait wait = co_await arm_wait(engine, ContainerId("web"), WaitCondition::next_exit);
  armed();
  co_return co_await wait.result();
}

TEST_F(WaitTest, a_wait_is_armed_when_the_head_is_there_and_the_code_comes_later) {
  const auto started = std::make_shared<std::promise<void>>();
  serve_script([started](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(pong());
    peer.read_request();
    peer.send(k_chunked_head);
    started->get_future().wait();  // deadlocks if the client waits for more than the head
    peer.send(chunk(R"({"Error":null,"StatusCode":137})"
                    "\n") +
              "0\r\n\r\n");
  });
  EXPECT_EQ(run(wait_for_exit(*engine_, [started] { started->set_value(); })), 137);
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/wait?condition=next-exit");
}

TEST_F(WaitTest, an_error_of_the_wait_is_in_stream) {
  serve_bytes(test_support::chunked_answer({R"({"StatusCode":-1,"Error":{"Message":"it is gone"}})"}));
  expect_error([&] { run(wait_for_exit(*engine_, [] {})); }, ErrorKind::in_stream, "it is gone");
}

TEST_F(WaitTest, a_wait_that_ends_without_a_code_is_truncated) {
  serve_bytes(test_support::chunked_answer({"\n"}));
  expect_error([&] { run(wait_for_exit(*engine_, [] {})); }, ErrorKind::truncated, "without an exit code");
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(pong());
    peer.read_request();
    peer.send(k_chunked_head);
    peer.close();
  });
  EXPECT_EQ(expect_error([&] { run(wait_for_exit(*engine_, [] {})); }).kind(), ErrorKind::truncated);
}

TEST_F(WaitTest, a_code_that_is_missing_is_no_success) {
  serve_bytes(test_support::chunked_answer({"{}"}));
  expect_error([&] { run(wait_for_exit(*engine_, [] {})); }, ErrorKind::protocol, "no exit code");
}

TEST_F(WaitTest, arming_a_wait_on_an_absent_container_fails_at_once) {
  serve_bytes(answer(404, R"({"message":"No such container: web"})"));
  EXPECT_EQ(expect_error([&] { run(wait_for_exit(*engine_, [] {})); }).kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace halcyon::docker_api
