// The engine about itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::int64_t count(const Core& core, bool (*is_counted)(const Container&)) {
  std::int64_t counted = 0;
  for (const auto& container : core.containers) counted += is_counted(*container) ? 1 : 0;
  return counted;
}

}  // namespace

Answer ping(Core&, const Call& call) {
  return {.headers = {{"Cache-Control", "no-cache, no-store, must-revalidate"},
                      {"Pragma", "no-cache"},
                      {"Content-Type", "text/plain; charset=utf-8"}},
          .body = call.request.method == "HEAD" ? "" : "OK"};
}

Answer version(Core& core, const Call&) {
  const std::string newest = to_string(core.settings.api_version);
  const std::string oldest = to_string(core.settings.oldest_api_version);
  return answer_json({{"Platform", {{"Name", "fake"}}},
                      {"Components",
                       {{{"Name", "Engine"},
                         {"Version", core.settings.engine_version},
                         {"Details", {{"ApiVersion", newest}, {"MinAPIVersion", oldest}, {"Os", "linux"}}}}}},
                      {"Version", core.settings.engine_version},
                      {"ApiVersion", newest},
                      {"MinAPIVersion", oldest},
                      {"GitCommit", "fake"},
                      {"GoVersion", "none"},
                      {"Os", "linux"},
                      {"Arch", "amd64"},
                      {"KernelVersion", "6.1.0"},
                      {"BuildTime", "2020-01-01T00:00:00.000000000+00:00"}});
}

Answer info(Core& core, const Call&) {
  return answer_json(
      {{"ID", "FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE:FAKE"},
       {"Containers", core.containers.size()},
       {"ContainersRunning", count(core, [](const Container& c) { return c.status == Status::running; })},
       {"ContainersPaused", count(core, [](const Container& c) { return c.status == Status::paused; })},
       {"ContainersStopped", count(core, [](const Container& c) { return !c.is_running(); })},
       {"Images", core.images.size()},
       {"Driver", "overlay2"},
       {"LoggingDriver", "json-file"},
       {"CgroupDriver", "cgroupfs"},
       {"CgroupVersion", "2"},
       {"NEventsListener", core.event_listeners.size()},
       {"KernelVersion", "6.1.0"},
       {"OperatingSystem", "the fake engine"},
       {"OSType", "linux"},
       {"Architecture", "x86_64"},
       {"NCPU", 2},
       {"MemTotal", 8ULL << 30U},
       {"DockerRootDir", "/var/lib/docker"},
       {"Name", "fake"},
       {"Labels", json::array()},
       {"ServerVersion", core.settings.engine_version},
       {"SystemTime", to_rfc3339(core.now())},
       {"LiveRestoreEnabled", core.settings.live_restore},
       {"Swarm", {{"NodeID", ""}, {"LocalNodeState", "inactive"}, {"ControlAvailable", false}}},
       {"SecurityOptions", {"name=seccomp,profile=default"}},
       {"Warnings", nullptr}});
}

Answer no_swarm(Core&, const Call&) {
  throw Refusal{
      503,
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect "
      "this node to swarm and try again."};
}

Answer list_plugins(Core&, const Call&) { return answer_json(json::array()); }

}  // namespace halcyon::docker_api::fake
