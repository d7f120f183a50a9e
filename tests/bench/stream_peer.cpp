#include "stream_peer.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "raw_connection.hpp"

namespace halcyon::bench {
namespace {

using namespace std::chrono_literals;

}  // namespace

StreamPeer::StreamPeer(const LabEnvironment& lab)
    : path_(lab.work_directory + "/stream.sock"),
      server_({lab.build_directory + "/tests/bench/stream_server", path_},
              lab.work_directory + "/stream_server.out") {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  for (;;) {
    try {
      RawConnection(address()).ping();
      return;
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace halcyon::bench
