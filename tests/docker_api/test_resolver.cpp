#include "docker_api/resolver.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>

#include "docker_api/engine_address.hpp"
#include "docker_api/http.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;

/// A name server that does not answer until it is told to, and says when it has been asked and when it is
/// done.
class SilentNameServer {
 public:
  LookUp look_up() {
    return [this](const std::string&, std::uint16_t port) {
      asked_.set_value();
      answer_.get_future().wait();
      done_.set_value();
      return LookedUp{.endpoints = {tcp::endpoint(asio::ip::address_v4::loopback(), port)}, .failure = {}};
    };
  }
  void wait_until_asked() { asked_.get_future().wait(); }
  void answer() { answer_.set_value(); }
  void wait_until_done() { done_.get_future().wait(); }

 private:
  std::promise<void> asked_;
  std::promise<void> answer_;
  std::promise<void> done_;
};

class ResolverTest : public ::testing::Test {
 protected:
  Resolved resolve(const std::string& host, LookUp look_up = look_up_by_system,
                   std::optional<std::chrono::milliseconds> deadline = 1h) {
    return test_support::run(io_, resolve_name(io_.get_executor(), host, 80, deadline, std::move(look_up)));
  }
  asio::io_context io_;
};

TEST_F(ResolverTest, a_literal_address_asks_nobody) {
  const auto refuse = [](const std::string&, std::uint16_t) -> LookedUp { throw std::logic_error("asked"); };
  for (const char* host : {"127.0.0.1", "::1"}) {
    const Resolved resolved = resolve(host, refuse);
    ASSERT_EQ(resolved.answer.endpoints.size(), 1U);
    EXPECT_EQ(resolved.answer.endpoints[0], tcp::endpoint(asio::ip::make_address(host), 80));
  }
}

TEST_F(ResolverTest, a_name_is_asked_for) {
  const Resolved resolved = resolve("localhost");
  ASSERT_FALSE(resolved.answer.endpoints.empty()) << resolved.answer.failure;
  for (const tcp::endpoint& endpoint : resolved.answer.endpoints) {
    EXPECT_TRUE(endpoint.address().is_loopback());
    EXPECT_EQ(endpoint.port(), 80);
  }
}

TEST_F(ResolverTest, a_name_that_nobody_knows_is_told_in_the_systems_words) {
  const auto fail = [](const std::string&, std::uint16_t) {
    return LookedUp{.endpoints = {}, .failure = "Name or service not known"};
  };
  const Resolved resolved = resolve("nowhere.invalid", fail);
  EXPECT_EQ(resolved.outcome, IoOutcome::done);
  EXPECT_EQ(resolved.answer.failure, "Name or service not known");
}

TEST_F(ResolverTest, a_deadline_does_not_wait_for_a_silent_name_server) {
  SilentNameServer server;
  const Resolved resolved = resolve("slow.example", server.look_up(), 10ms);
  EXPECT_EQ(resolved.outcome, IoOutcome::timed_out);
  EXPECT_TRUE(io_.stopped()) << "nothing is left to wait for";
  server.answer();
  server.wait_until_done();
}

TEST_F(ResolverTest, a_cancellation_does_not_wait_for_a_silent_name_server) {
  SilentNameServer server;
  asio::cancellation_signal signal;
  std::optional<IoOutcome> outcome;
  asio::co_spawn(
      io_, resolve_name(io_.get_executor(), "slow.example", 80, std::nullopt, server.look_up()),
      asio::bind_cancellation_slot(
          signal.slot(), [&outcome](std::exception_ptr, Resolved resolved) { outcome = resolved.outcome; }));
  asio::post(io_, [&] {
    server.wait_until_asked();
    signal.emit(asio::cancellation_type::terminal);
  });
  io_.run();
  EXPECT_EQ(outcome, IoOutcome::cancelled);
  server.answer();
  server.wait_until_done();
}

TEST_F(ResolverTest, an_io_context_that_goes_meanwhile_does_not_wait_either) {
  SilentNameServer server;
  {
    asio::io_context io;
    asio::co_spawn(io, resolve_name(io.get_executor(), "slow.example", 80, std::nullopt, server.look_up()),
                   [](std::exception_ptr, const Resolved&) {});
    io.poll();
  }
  server.answer();
  server.wait_until_done();
}

}  // namespace
}  // namespace halcyon::docker_api
