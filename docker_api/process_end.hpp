// What the end of a process's output proves: after 101 a cut connection and a finished process look alike, so
// the engine is asked whether the process has ended too. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

/// Counts how long a process goes on after its output has ended.
class ProcessEnd {
 public:
  /// `endpoint`: for errors. `may_outlive_output`: it may go on for as long as it likes.
  ProcessEnd(Engine& engine, std::string endpoint, bool may_outlive_output);

  /// The engine says that it still runs: waits until it is time to ask again. An engine notes an end some
  /// milliseconds after it has closed the streams, and later under load; two seconds and ten answers are
  /// enough for that.
  ///
  /// Errors: truncated if the process goes on without output; cancelled.
  boost::asio::awaitable<void> still_runs();

 private:
  Engine& engine_;
  std::string endpoint_;
  bool may_outlive_output_;
  std::chrono::steady_clock::time_point output_ended_;
  std::chrono::milliseconds pause_;
  int answers_ = 0;
};

}  // namespace halcyon::docker_api
