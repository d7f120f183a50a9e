// The least that any deployment tool must wait for: create, start, first answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "docker_api/containers.hpp"

namespace halcyon::bench {

struct FloorTarget {
  docker_api::ContainerSpec container;  ///< with a fixed address
  std::uint16_t port = 0;
  std::string path;
};

struct FloorTimes {
  double create_milliseconds = 0;
  double start_milliseconds = 0;
  double answer_milliseconds = 0;
  double all() const { return create_milliseconds + start_milliseconds + answer_milliseconds; }
};

/// Creates and starts a container with single calls, asks until it answers 200, then removes it (not
/// measured).
///
/// Errors: docker_api::Error; std::runtime_error if it does not answer within 30 s.
boost::asio::awaitable<FloorTimes> measure_engine_floor(docker_api::Engine& engine, FloorTarget target);

}  // namespace halcyon::bench
