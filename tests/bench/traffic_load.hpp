// The clients of the benchmark, and what became of their requests.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lab_environment.hpp"
#include "processes.hpp"

namespace halcyon::bench {

/// Sums over all load generators.
struct TrafficCounts {
  std::uint64_t requests = 0;
  std::uint64_t lost = 0;
  std::uint64_t wrong = 0;
  std::uint64_t truncated = 0;
  std::uint64_t websockets_closed = 0;
  std::uint64_t posts_sent = 0;
  std::uint64_t posts_lost = 0;  ///< answered, but in no container's log
  std::uint64_t posts_duplicated = 0;
};

/// Two load generators against one environment: busy clients, and such that are idle for up to 75 s.
class TrafficLoad {
 public:
  TrafficLoad(const LabEnvironment& lab, const std::string& environment);

  /// Adds what stopped containers logged to the log of posts: the next promotion may remove them.
  void save_logs_of_stopped_containers();
  /// Ends the load and compares posts sent with posts logged.
  TrafficCounts finish();

 private:
  void save_logs(bool running_ones_too);

  const LabEnvironment& lab_;
  std::string environment_;
  std::string base_;  ///< of file names
  std::set<std::string> saved_;
  std::vector<std::unique_ptr<BackgroundProcess>> generators_;
};

}  // namespace halcyon::bench
