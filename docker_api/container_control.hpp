// What can be done to a container besides start, stop and kill: restart, pause, unpause, resize, update.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// Stops and starts a container; a stopped one is started.
///
/// Shape:  POST /containers/{id}/restart?t=...&signal=...
/// Errors: not_found; refused with the runtime's reason; unsupported for a signal below API 1.42.
boost::asio::awaitable<void> restart_container(Engine& engine, ContainerId id, StopOptions options = {});

/// Freezes all processes. Shape: POST /containers/{id}/pause. Errors: conflict if it is paused or not
/// running.
boost::asio::awaitable<void> pause_container(Engine& engine, ContainerId id);
/// Thaws them. Errors: conflict or refused if it is not paused.
boost::asio::awaitable<void> unpause_container(Engine& engine, ContainerId id);

/// Sets the size of its terminal. Shape: POST /containers/{id}/resize?h=...&w=...
/// Errors: conflict or refused if it is not running.
boost::asio::awaitable<void> resize_container(Engine& engine, ContainerId id, ConsoleSize size);

/// What changes; a field without value stays as it is.
struct ContainerUpdate {
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> memory_reservation_bytes;
  std::optional<std::int64_t> memory_swap_bytes;  ///< memory and swap together; -1: unlimited swap
  std::optional<std::uint64_t> nano_cpus;         ///< 10^9 is one CPU
  std::optional<std::uint64_t> cpu_shares;
  std::optional<std::uint64_t> cpu_period_microseconds;
  std::optional<std::uint64_t> cpu_quota_microseconds;
  std::optional<std::string> cpuset_cpus;  ///< "0-2,7"
  std::optional<std::string> cpuset_mems;
  std::optional<std::int64_t> pids_limit;        ///< 0 or -1: unlimited
  std::optional<std::uint16_t> block_io_weight;  ///< 10 to 1000
  std::optional<RestartPolicy> restart_policy;
  std::optional<std::int64_t> restart_most_times;  ///< with on_failure
};

/// Changes limits and restart policy of a container, also while it runs.
///
/// Shape:      POST /containers/{id}/update; returns the engine's warnings.
/// Errors:     not_found; invalid_argument for a change of nothing; refused or bad_request as the engine
/// says. Idempotent: yes.
boost::asio::awaitable<std::vector<std::string>> update_container(Engine& engine, ContainerId id,
                                                                  ContainerUpdate update);

}  // namespace halcyon::docker_api
