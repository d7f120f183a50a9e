// stream_server, started for one measurement.
#pragma once

#include <string>

#include "docker_api/engine_address.hpp"
#include "processes.hpp"

namespace halcyon::bench {

/// Runs stream_server until it is destroyed.
class StreamPeer {
 public:
  /// Returns once it answers. Errors: std::runtime_error if that takes longer than 10 s.
  explicit StreamPeer(const LabEnvironment& lab);

  docker_api::EngineAddress address() const { return docker_api::UnixAddress{path_}; }
  std::string docker_host() const { return "unix://" + path_; }

 private:
  std::string path_;
  BackgroundProcess server_;
};

}  // namespace halcyon::bench
