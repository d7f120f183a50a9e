// One engine, one transport: makes calls, hears how they end, cancels them where the test says.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "docker_api/error.hpp"
#include "tests/docker_api/conformance/answers.hpp"
#include "tests/docker_api/conformance/wire_peer.hpp"

namespace halcyon::docker_api {

/// How a call ended: what it gave, or "error KIND STATUS ENGINE'S TEXT" and the kind.
struct Outcome {
  std::string text;
  std::optional<ErrorKind> error;
};
inline bool operator==(const Outcome& a, const Outcome& b) { return a.text == b.text && a.error == b.error; }
void PrintTo(const Outcome& outcome, std::ostream* out);

class ConformanceFixture : public ::testing::TestWithParam<Wire> {
 protected:
  ConformanceFixture();
  /// Descriptors are counted before the peer is made and after all is gone: they must be as many.
  void SetUp() override;
  void TearDown() override;

  /// A new client that has settled the version.
  void meet(const std::string& version);
  void make_client();
  /// What the peer says to everything from now on.
  void reply(WirePeer::Reply reply) { peer_->reply = std::move(reply); }

  /// Starts a call; finish() tells how it ended.
  void start(boost::asio::awaitable<std::string> call);
  Outcome finish();
  bool is_over() const { return over_; }
  /// Lets one thing happen.
  void step();
  Outcome outcome_of(boost::asio::awaitable<std::string> call) {
    start(std::move(call));
    return finish();
  }
  /// Gives a call up, unless it ends first; also from within a reply. Emitted on the io_context:
  /// Boost 1.81's co_spawn would only post it from elsewhere, through a pointer that by then belongs to the
  /// next call. And not before the call has begun: that would throw out of io_context::run().
  void cancel(std::size_t call);
  /// The number of the call under way, or of the last one.
  std::size_t current_call() const { return calls_; }

  /// The whole answer at once, then as it should be.
  Outcome whole(const Answer& answer, const std::string& bytes);

  boost::asio::io_context io_;
  std::unique_ptr<WirePeer> peer_;
  std::unique_ptr<Engine> engine_;

 private:
  boost::asio::awaitable<std::string> begin(boost::asio::awaitable<std::string> call);

  boost::asio::cancellation_signal signal_;
  Outcome outcome_;
  std::size_t calls_ = 0;
  bool begun_ = false;
  bool over_ = true;
  std::size_t descriptors_ = 0;
};

/// Sends `bytes` in pieces that end at `cuts`, each when the client has read the one before; then ends the
/// connection if `ends`.
boost::asio::awaitable<void> send_pieces(WireConnection& connection, std::string bytes,
                                         std::vector<std::size_t> cuts, bool ends);
/// Sends the first `cut` bytes and ends the connection.
boost::asio::awaitable<void> send_cut(WireConnection& connection, std::string bytes, std::size_t cut);

/// Where to cut an answer of `size` bytes if only about `most` cuts can be afforded; all of them with
/// HALCYON_TEST_FULL=1, and always the edges of `head` and the last bytes. `size` itself is not among them.
std::vector<std::size_t> choose_cuts(std::size_t size, std::size_t head, std::size_t most);
bool is_full_run();

std::string wire_name(const ::testing::TestParamInfo<Wire>& parameter);
#define HALCYON_ON_EVERY_WIRE(suite)                                                                      \
  INSTANTIATE_TEST_SUITE_P(                                                                               \
      wires, suite, ::testing::Values(Wire::unix_socket, Wire::tcp, Wire::tls12, Wire::tls13, Wire::ssh), \
      wire_name)

}  // namespace halcyon::docker_api
