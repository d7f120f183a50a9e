// /tasks: the single containers of a swarm's services. All calls need a manager: refused (503) elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/swarm_object.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the swarm says about a task.
struct TaskDetails {
  TaskId id;
  SwarmObject object;
  ServiceId service;
  NodeId node;
  std::uint64_t slot = 0;  ///< number among the replicas; 0: global
  std::string image;
  std::string state;  ///< open set: new, pending, assigned, preparing, running, complete, failed, ...
  std::string desired_state;
  std::string message;
  std::string error;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> state_since;
  ContainerId container;                  ///< empty before it has one
  std::optional<std::int64_t> exit_code;  ///< of a task that has ended
};

/// Errors: not_found.
boost::asio::awaitable<TaskDetails> inspect_task(Engine& engine, TaskId id);
/// Like inspect_task(), but nothing if there is none.
boost::asio::awaitable<std::optional<TaskDetails>> find_task(Engine& engine, TaskId id);
/// Filters: desired-state, id, label, name, node, service.
boost::asio::awaitable<std::vector<TaskDetails>> list_tasks(Engine& engine, Filters filters = {});

}  // namespace halcyon::docker_api
