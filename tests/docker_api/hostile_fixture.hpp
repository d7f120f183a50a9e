// A fixture for engines that mean harm: every call against them must end soon, with a docker_api::Error, and
// in little memory.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <optional>

#include "tests/docker_api/engine_fixture.hpp"
#include "tests/docker_api/heap_meter.hpp"

namespace halcyon::docker_api {

inline constexpr std::size_t k_mib = std::size_t{1024} * 1024;
/// The one deadline that a test is about; all others stay long, so that a busy machine does not matter.
inline constexpr std::chrono::milliseconds k_short{50};
/// A hang fails the test after this; nothing here takes a tenth of it.
inline constexpr std::chrono::seconds k_hang{20};

/// What such a call must come to.
struct Expected {
  ErrorKind kind = ErrorKind::protocol;
  std::string part;  ///< of the message
  std::size_t peak_bytes = 2 * k_mib;
};

class HostileFixture : public EngineFixture {
 protected:
  using Script = test_support::Script;
  using Peer = test_support::ScriptedPeer;

  /// An engine that answers the ping well and then does `attack`.
  void serve_attack(std::function<void(Peer&)> attack, std::string api_version = "1.41") {
    serve_script(Script([attack = std::move(attack), api_version = std::move(api_version)](Peer& peer) {
      while (peer.read_request()) {
        if (peer.request().target != "/_ping") return attack(peer);
        if (!peer.send(test_support::pong(api_version))) return;
      }
    }));
  }
  /// The same with bytes, after which the engine keeps silent, or closes.
  void serve_bytes_and_wait(std::string bytes) {
    serve_attack([bytes = std::move(bytes)](Peer& peer) {
      peer.send(bytes);
      peer.wait_for_client_to_close();
    });
  }
  void serve_bytes_and_close(std::string bytes) {
    serve_attack([bytes = std::move(bytes)](Peer& peer) { peer.send(bytes); });
  }
  /// `begin`, then `more` for ever.
  void serve_for_ever(std::string begin, std::string more) {
    serve_attack([begin = std::move(begin), more = std::move(more)](Peer& peer) {
      std::string block;
      while (block.size() < 16'384) block += more;
      for (bool going = peer.send(begin); going;) going = peer.send(block);
    });
  }

  /// Runs `work`; what it throws comes back. Nothing: it came to its end.
  std::optional<Error> run_hostile(boost::asio::awaitable<void> work) {
    std::exception_ptr failure;
    bool ended = false;
    boost::asio::co_spawn(io_, std::move(work), [&](std::exception_ptr error) {
      failure = std::move(error);
      ended = true;
    });
    io_.restart();
    io_.run_for(k_hang);
    EXPECT_TRUE(ended) << "it hangs";
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const Error& error) {
      return error;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "no Error of ours: " << error.what();
    }
    return std::nullopt;
  }
  /// The same, and it must throw what is expected, in little memory.
  void expect_refused(boost::asio::awaitable<void> work, const Expected& expected) {
    const HeapMeter meter;
    const std::optional<Error> error = run_hostile(std::move(work));
    EXPECT_LT(meter.peak_bytes(), expected.peak_bytes);
    ASSERT_TRUE(error.has_value()) << "it was taken for a success";
    EXPECT_EQ(to_string(error->kind()), to_string(expected.kind)) << error->what();
    EXPECT_NE(std::string(error->what()).find(expected.part), std::string::npos) << error->what();
    EXPECT_LT(std::string(error->what()).size(), 10'000U) << "a message is for people";
  }

  boost::asio::awaitable<void> get(HttpDeadlines deadlines = {}) {
    co_await engine_->call({.path = "/info", .deadlines = deadlines});
  }
};

}  // namespace halcyon::docker_api
