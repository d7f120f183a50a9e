// The floor of an API round trip: write, read, nothing else.
#pragma once

#include "docker_api/engine_address.hpp"

namespace halcyon::bench {

/// A connected socket. Owns: the descriptor.
class RawConnection {
 public:
  /// Errors: std::runtime_error.
  explicit RawConnection(const docker_api::EngineAddress& address);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// `GET /_ping` and its whole answer. Errors: std::runtime_error if the answer is not 200.
  void ping();

 private:
  int descriptor_ = -1;
};

}  // namespace halcyon::bench
