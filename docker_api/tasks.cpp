#include "docker_api/tasks.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/swarm_object_json.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

TaskDetails parse_task(const json& body) {
  const json& status = get_field(body, "Status");
  const json& container = get_field(status, "ContainerStatus");
  TaskDetails task{.id = TaskId(get_string(body, "ID")),
                   .object = parse_swarm_object(body),
                   .service = ServiceId(get_string(body, "ServiceID")),
                   .node = NodeId(get_string(body, "NodeID")),
                   .slot = get_uint64(body, "Slot"),
                   .image = get_string(get_field(get_field(body, "Spec"), "ContainerSpec"), "Image"),
                   .state = get_string(status, "State"),
                   .desired_state = get_string(body, "DesiredState"),
                   .message = get_string(status, "Message"),
                   .error = get_string(status, "Err"),
                   .state_since = get_time(status, "Timestamp"),
                   .container = ContainerId(get_string(container, "ContainerID")),
                   .exit_code = find_int64(container, "ExitCode")};
  // A task's name and labels are its own, not its spec's.
  if (task.object.name.empty()) task.object.name = get_string(body, "Name");
  if (task.object.labels.empty()) task.object.labels = get_string_map(body, "Labels");
  return task;
}

}  // namespace

asio::awaitable<TaskDetails> inspect_task(Engine& engine, TaskId id) {
  co_return co_await call_for(engine, {.path = resource_path("/tasks/", id.value)}, parse_task);
}

asio::awaitable<std::optional<TaskDetails>> find_task(Engine& engine, TaskId id) {
  co_return co_await find_for(engine, {.path = resource_path("/tasks/", id.value)}, parse_task);
}

asio::awaitable<std::vector<TaskDetails>> list_tasks(Engine& engine, Filters filters) {
  co_return co_await list_for(engine, {.path = "/tasks", .query = filter_query(filters)}, parse_task);
}

}  // namespace halcyon::docker_api
