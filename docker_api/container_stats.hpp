// What a container uses: one sample, or one after the other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"

namespace halcyon::docker_api {

class Engine;
class JsonStream;

/// Counters since the container's start. Units: nanoseconds.
struct CpuUsage {
  std::uint64_t total = 0;
  std::uint64_t in_kernel = 0;
  std::uint64_t in_user = 0;
  std::vector<std::uint64_t> per_cpu;        ///< empty with cgroup v2
  std::optional<std::uint64_t> system;       ///< all CPUs of the host
  std::optional<std::uint64_t> online_cpus;  ///< what `system` counts
  std::uint64_t throttled_periods = 0;
  std::uint64_t throttled_time = 0;
};

/// Memory of one container at one moment.
struct MemoryUsage {
  std::uint64_t usage_bytes = 0;                 ///< with the page cache
  std::optional<std::uint64_t> max_usage_bytes;  ///< nothing with cgroup v2
  std::uint64_t limit_bytes = 0;
  std::map<std::string, std::uint64_t> details;  ///< the cgroup's memory.stat; names differ between v1 and v2

  /// What people mean by used: without the cache that the kernel gives back when asked.
  std::uint64_t working_set_bytes() const noexcept;
};

/// Counters of one network interface.
struct NetworkUsage {
  std::uint64_t received_bytes = 0;
  std::uint64_t received_packets = 0;
  std::uint64_t received_errors = 0;
  std::uint64_t received_dropped = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t sent_errors = 0;
  std::uint64_t sent_dropped = 0;
};

/// One container's use of resources at one moment.
struct StatsSample {
  ContainerId id;
  std::string name;                                                         ///< without the leading slash
  std::string os_type;                                                      ///< from API 1.52
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> read_at;  ///< nothing: it does not run
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> previous_read_at;
  CpuUsage cpu;
  CpuUsage previous_cpu;  ///< zero in a one-shot sample and in the first of a stream
  MemoryUsage memory;
  std::map<std::string, NetworkUsage> networks;  ///< by interface
  std::uint64_t block_read_bytes = 0;
  std::uint64_t block_written_bytes = 0;
  std::optional<std::uint64_t> pids;
  std::optional<std::uint64_t> pids_limit;  ///< nothing: unlimited

  /// Share of the host's CPU time between both readings, as `docker stats` shows it: 100 is one CPU. Nothing
  /// without two readings.
  std::optional<double> cpu_percent() const noexcept;
};

/// How often the engine reads before it answers.
enum class StatsReading {
  one,  ///< at once, without previous_cpu; needs API 1.41
  two,  ///< the engine reads twice, one second apart
};
/// Takes one sample. A container that does not run gives an empty one.
///
/// Shape:  GET /containers/{id}/stats?stream=false[&one-shot=true].
/// Errors: not_found; unsupported.
boost::asio::awaitable<StatsSample> read_stats(Engine& engine, ContainerId id,
                                               StatsReading reading = StatsReading::one);

/// Samples as they come: about one a second, on Podman one in five.
class StatsStream {
 public:
  /// Reads the samples of an answer whose status was 200; open_stats() makes one.
  explicit StatsStream(JsonStream stream);
  StatsStream(StatsStream&&) noexcept;
  StatsStream& operator=(StatsStream&&) noexcept;
  ~StatsStream();

  /// The next sample; nothing when the container has been removed or the engine ends the stream. No deadline.
  /// Errors: in_stream, truncated, cancelled.
  boost::asio::awaitable<std::optional<StatsSample>> next();

 private:
  std::unique_ptr<JsonStream> stream_;
};
/// Shape: GET /containers/{id}/stats?stream=true. Errors: not_found.
boost::asio::awaitable<StatsStream> open_stats(Engine& engine, ContainerId id);

}  // namespace halcyon::docker_api
