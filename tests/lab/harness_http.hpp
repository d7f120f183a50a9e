// The tests' own HTTP client and the two bad servers: independent of docker_api, whose faults it must not
// share.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness_process.hpp"

namespace halcyon::lab_tests {

struct Reply {
  int status = 0;                              ///< 0: no answer, see `error`
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string error;
  std::string release() const;  ///< X-Release
};

/// One connection; every call blocks, at most 10 s.
class Connection {
 public:
  static std::optional<Connection> to_unix(const std::string& path);
  static std::optional<Connection> to_loopback(int port);
  Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Connection();

  /// Sends the request as it is, and reads one answer.
  Reply exchange(const std::string& request);

 private:
  explicit Connection(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// GET through nginx on a connection of its own.
Reply get_from_loopback(int port, const std::string& host, const std::string& path);

/// Asks through nginx all the while, alternately on one kept connection and on fresh ones.
class SteadyClient {
 public:
  /// `releases`: what X-Release may say; everything else is a fault.
  SteadyClient(int port, std::string host, std::set<std::string> releases);
  ~SteadyClient();

  std::uint64_t answered() const { return answered_; }
  /// Waits until that many more requests have been answered.
  bool wait_for_more(std::uint64_t count);
  /// Ends it; every request that was lost or answered wrongly.
  std::vector<std::string> stop();

 private:
  void ask_until_stopped();
  void ask_once(std::optional<Connection>& kept, std::uint64_t number);

  const int port_;
  const std::string host_;
  const std::set<std::string> releases_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> answered_{0};
  std::vector<std::string> faults_;  // read after the thread has ended
  std::thread thread_;
};

/// Listens on 127.0.0.1; what it does with a connection is the test's choice.
class BadRegistry {
 public:
  enum class Way {
    refuses,  ///< nobody listens on port()
    never_answers,
    answers_429,    ///< to everything: too many requests, try again in a minute
    dies_midway,    ///< hands bytes on to `upstream_port`, `bytes` of answers; then it is gone
    stalls_midway,  ///< the same, but then it is only silent
    flips_a_bit,    ///< hands everything on, the byte behind `bytes` of answers with another lowest bit
  };
  BadRegistry(Way way, int upstream_port = 0, std::uint64_t bytes = 0);
  ~BadRegistry();
  int port() const noexcept { return port_; }
  /// True when it has been asked (..._midway, flips_a_bit: when it has done that).
  bool was_met() const noexcept { return met_; }

 private:
  void serve();
  void answer_429();

  int listener_ = -1;
  int port_ = 0;
  const Way way_;
  const int upstream_port_;
  const std::uint64_t bytes_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> met_{false};
  std::thread thread_;
};

}  // namespace halcyon::lab_tests
