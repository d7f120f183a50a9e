#include "docker_api/system.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

asio::awaitable<PingResult> ping(Engine& engine) {
  const HttpResponse response = co_await engine.call({.path = "/_ping", .versioned = false});
  PingResult result;
  if (const auto version = response.find_header("Api-Version"))
    result.api_version = parse_api_version(*version);
  result.os_type = response.find_header("OSType").value_or("");
  co_return result;
}

namespace {

EngineVersion parse_version(const json& body) {
  return {.version = get_string(body, "Version"),
          .api_version = get_string(body, "ApiVersion"),
          .min_api_version = get_string(body, "MinAPIVersion"),
          .os = get_string(body, "Os"),
          .architecture = get_string(body, "Arch"),
          .kernel_version = get_string(body, "KernelVersion")};
}

EngineInfo parse_info(const json& body) {
  const std::vector<std::string> security = get_strings(body, "SecurityOptions");
  return {.id = get_string(body, "ID"),
          .name = get_string(body, "Name"),
          .root_dir = get_string(body, "DockerRootDir"),
          .storage_driver = get_string(body, "Driver"),
          .live_restore_enabled = get_bool(body, "LiveRestoreEnabled"),
          .rootless = std::find(security.begin(), security.end(), "name=rootless") != security.end(),
          .memory_bytes = get_uint64(body, "MemTotal"),
          .cpus = get_int64(body, "NCPU"),
          .server_version = get_string(body, "ServerVersion"),
          .operating_system = get_string(body, "OperatingSystem"),
          .os_type = get_string(body, "OSType"),
          .architecture = get_string(body, "Architecture"),
          .kernel_version = get_string(body, "KernelVersion"),
          .containers = get_int64(body, "Containers"),
          .containers_running = get_int64(body, "ContainersRunning"),
          .containers_paused = get_int64(body, "ContainersPaused"),
          .containers_stopped = get_int64(body, "ContainersStopped"),
          .images = get_int64(body, "Images"),
          .cgroup_driver = get_string(body, "CgroupDriver"),
          .cgroup_version = get_string(body, "CgroupVersion"),
          .logging_driver = get_string(body, "LoggingDriver"),
          .default_runtime = get_string(body, "DefaultRuntime"),
          .runtimes = get_keys(body, "Runtimes"),
          .security_options = security,
          .labels = get_strings(body, "Labels"),
          .warnings = get_strings(body, "Warnings"),
          .experimental = get_bool(body, "ExperimentalBuild"),
          .swarm_state = get_string(get_field(body, "Swarm"), "LocalNodeState")};
}

}  // namespace

asio::awaitable<EngineVersion> inspect_version(Engine& engine) {
  co_return co_await call_for(engine, {.path = "/version"}, parse_version);
}

asio::awaitable<EngineInfo> inspect_info(Engine& engine) {
  co_return co_await call_for(engine, {.path = "/info"}, parse_info);
}

}  // namespace halcyon::docker_api
