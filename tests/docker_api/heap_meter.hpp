// How much memory a test needs at most: every operator new and delete of the program is counted
// (heap_meter.cpp).
#pragma once

#include <cstddef>

namespace halcyon::docker_api {

/// From its construction on. Threads: it sees those of all, the scripted server's too.
class HeapMeter {
 public:
  HeapMeter();
  /// The most that was in use at once, over what was in use at the beginning.
  std::size_t peak_bytes() const;
  /// The largest single piece that was asked for.
  std::size_t largest_bytes() const;

 private:
  std::size_t begin_;
};

}  // namespace halcyon::docker_api
