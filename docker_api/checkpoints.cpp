#include "docker_api/checkpoints.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// All memory of the processes is written.
constexpr std::chrono::minutes k_freeze_deadline{10};

std::vector<std::pair<std::string, std::string>> in_directory(std::string directory) {
  if (directory.empty()) return {};
  return {{"dir", std::move(directory)}};
}

}  // namespace

asio::awaitable<void> create_checkpoint(Engine& engine, ContainerId id, std::string name,
                                        CheckpointOptions options) {
  const std::string path = resource_path("/containers/", id.value, "/checkpoints");
  resource_path(path + '/', name);  // refuses an empty name: the engine would take it
  json body{{"CheckpointID", name}, {"Exit", !options.leave_running}};
  if (!options.directory.empty()) body["CheckpointDir"] = options.directory;
  EngineRequest request{.method = "POST", .path = path, .json_body = dump_json(body)};
  request.deadlines.head = k_freeze_deadline;
  co_await engine.call(std::move(request));
}

asio::awaitable<std::vector<std::string>> list_checkpoints(Engine& engine, ContainerId id,
                                                           std::string directory) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/checkpoints"),
                        .query = in_directory(std::move(directory))};
  co_return co_await list_for(engine, std::move(request),
                              [](const json& body) { return get_string(body, "Name"); });
}

asio::awaitable<bool> remove_checkpoint(Engine& engine, ContainerId id, std::string name,
                                        std::string directory) {
  const std::string checkpoints = resource_path("/containers/", id.value, "/checkpoints/");
  EngineRequest request{.method = "DELETE",
                        .path = resource_path(checkpoints, name),
                        .query = in_directory(std::move(directory))};
  co_return co_await call_to_remove(engine, std::move(request));
}

}  // namespace halcyon::docker_api
