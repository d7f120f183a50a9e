#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/container_parts.hpp"
#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

constexpr const char* k_never = "0001-01-01T00:00:00Z";

std::string show_time(const std::optional<Time>& time) { return time ? to_rfc3339(*time) : k_never; }

json show_health(const Container& container) {
  json log = json::array();
  int streak = 0;
  for (const Probe& probe : container.probes) {
    log.push_back({{"Start", to_rfc3339(probe.at)},
                   {"End", to_rfc3339(probe.at)},
                   {"ExitCode", probe.exit_code},
                   {"Output", probe.output}});
    streak = probe.exit_code == 0 ? 0 : streak + 1;
  }
  return {{"Status", to_word(container.health)}, {"FailingStreak", streak}, {"Log", log}};
}

json show_state(const Container& container) {
  const bool restarting = container.status == Status::restarting;
  json state{{"Status", status_word(container)},
             {"Running", container.is_running() || restarting},
             {"Paused", container.status == Status::paused},
             {"Restarting", restarting},
             {"OOMKilled", false},
             {"Dead", false},
             {"Pid", container.pid},
             {"ExitCode", container.exit_code},
             {"Error", container.error},
             {"StartedAt", show_time(container.started)},
             {"FinishedAt", show_time(container.finished)}};
  if (container.has_healthcheck && container.started) state["Health"] = show_health(container);
  return state;
}

/// Published ports, with what the engine chose where the client did not.
json show_ports(const Container& container) {
  json ports = json::object();
  const json bindings = json::parse(container.host_json).at("PortBindings");
  if (!container.is_running() || !bindings.is_object()) return ports;
  int chosen = 32768 + container.pid % 1000;
  for (const auto& [port, hosts] : bindings.items()) {
    for (json host : hosts) {
      if (host.value("HostPort", "").empty()) host["HostPort"] = std::to_string(chosen++);
      if (host.value("HostIp", "").empty()) host["HostIp"] = "0.0.0.0";
      ports[port].push_back(host);
    }
  }
  return ports;
}

/// What stood beside Networks until API 1.51: the address in the default bridge.
void add_old_network_fields(const Container& container, json& settings) {
  const auto found = container.endpoints.find("bridge");
  const Endpoint bridge = found == container.endpoints.end() ? Endpoint{} : found->second;
  settings.update({{"Bridge", ""},
                   {"HairpinMode", false},
                   {"EndpointID", bridge.endpoint_id},
                   {"Gateway", bridge.gateway},
                   {"IPAddress", bridge.address},
                   {"IPPrefixLen", bridge.prefix_bits},
                   {"IPv6Gateway", ""},
                   {"GlobalIPv6Address", ""},
                   {"GlobalIPv6PrefixLen", 0},
                   {"LinkLocalIPv6Address", ""},
                   {"LinkLocalIPv6PrefixLen", 0},
                   {"SecondaryIPAddresses", nullptr},
                   {"SecondaryIPv6Addresses", nullptr},
                   {"MacAddress", bridge.mac}});
}

}  // namespace

json show_networks(const Container& container) {
  json networks = json::object();
  for (const auto& [name, endpoint] : container.endpoints) networks[name] = show_endpoint(endpoint);
  return networks;
}

json show_mounts(const Container& container) {
  json mounts = json::array();
  for (const MountRecord& mount : container.mounts) {
    json shown{{"Type", mount.type}, {"Source", mount.source}, {"Destination", mount.target},
               {"Mode", ""},         {"RW", !mount.read_only}, {"Propagation", ""}};
    if (mount.type == "volume") shown.update({{"Name", mount.name}, {"Driver", "local"}, {"Mode", "z"}});
    mounts.push_back(shown);
  }
  return mounts;
}

Answer inspect_container(Core& core, const Call& call) {
  const Container& container = core.container(call.name);
  json settings{{"SandboxID", container.pid == 0 ? "" : sha256_hex(container.id)},
                {"SandboxKey", ""},
                {"Ports", show_ports(container)},
                {"Networks", show_networks(container)}};
  if (call.request.version < ApiVersion{1, 52}) add_old_network_fields(container, settings);
  std::vector<std::string> arguments(container.command.begin() + 1, container.command.end());
  const bool was_started = container.started.has_value();
  const std::string directory = was_started ? "/var/lib/docker/containers/" + container.id + "/" : "";
  json body{{"Id", container.id},
            {"Created", to_rfc3339(container.created)},
            {"Path", container.command.front()},
            {"Args", arguments},
            {"State", show_state(container)},
            {"Image", container.image_id},
            {"ResolvConfPath", was_started ? directory + "resolv.conf" : ""},
            {"HostnamePath", was_started ? directory + "hostname" : ""},
            {"HostsPath", was_started ? directory + "hosts" : ""},
            {"LogPath", was_started ? directory + container.id + "-json.log" : ""},
            {"Name", "/" + container.name},
            {"RestartCount", container.restart_count},
            {"Driver", "overlay2"},
            {"Platform", "linux"},
            {"MountLabel", ""},
            {"ProcessLabel", ""},
            {"AppArmorProfile", ""},
            {"ExecIDs", container.execs.empty() ? json() : json(container.execs)},
            {"HostConfig", json::parse(container.host_json)},
            {"GraphDriver", {{"Data", nullptr}, {"Name", "overlay2"}}},
            {"Mounts", show_mounts(container)},
            {"Config", json::parse(container.config_json)},
            {"NetworkSettings", settings}};
  if (call.request.flag("size")) body.update({{"SizeRw", 0}, {"SizeRootFs", 1'000'000}});
  return answer_json(body);
}

}  // namespace halcyon::docker_api::fake
