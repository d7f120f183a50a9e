#include "docker_api/container_details.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "docker_api/image_summary.hpp"
#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

/// 0 for what is no port.
std::uint16_t port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() ? port : 0;
}

HealthStatus parse_health(const std::string& text) {
  if (text == "starting") return HealthStatus::starting;
  if (text == "healthy") return HealthStatus::healthy;
  if (text == "unhealthy") return HealthStatus::unhealthy;
  return HealthStatus::none;
}

void read_state(const json& state, ContainerDetails& details) {
  details.state = get_string(state, "Status");
  details.running = get_bool(state, "Running");
  details.pid = get_int64(state, "Pid");
  details.exit_code = get_int64(state, "ExitCode");
  details.oom_killed = get_bool(state, "OOMKilled");
  details.error = get_string(state, "Error");
  details.started_at = get_time(state, "StartedAt");
  details.finished_at = get_time(state, "FinishedAt");
  const json& health = get_field(state, "Health");
  details.health = parse_health(get_string(health, "Status"));
  for (const json& probe : get_list(health, "Log")) details.health_log.push_back(get_string(probe, "Output"));
}

/// The addresses at the top of NetworkSettings are gone since API 1.52: only Networks is read.
std::map<std::string, std::string> read_addresses(const json& settings) {
  const json& networks = get_field(settings, "Networks");
  std::map<std::string, std::string> addresses;
  for (const std::string& name : get_keys(settings, "Networks")) {
    std::string address = get_string(networks.at(name), "IPAddress");
    if (!address.empty()) addresses[name] = std::move(address);
  }
  return addresses;
}

std::map<std::string, std::string> read_fixed_addresses(const json& settings) {
  const json& networks = get_field(settings, "Networks");
  std::map<std::string, std::string> addresses;
  for (const std::string& name : get_keys(settings, "Networks")) {
    std::string fixed = get_string(get_field(networks.at(name), "IPAMConfig"), "IPv4Address");
    if (!fixed.empty()) addresses[name] = std::move(fixed);
  }
  return addresses;
}

/// From inspect: {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "49153"}], "53/udp": null}.
std::vector<PublishedPort> read_published_ports(const json& settings) {
  std::vector<PublishedPort> ports;
  const json& bindings = get_field(settings, "Ports");
  for (const std::string& key : get_keys(settings, "Ports")) {
    const std::size_t slash = std::min(key.find('/'), key.size());
    const std::string protocol = slash < key.size() ? key.substr(slash + 1) : "tcp";
    for (const json& binding : get_list(bindings, key.c_str())) {
      ports.push_back({.container_port = port_number(key.substr(0, slash)),
                       .host_ip = get_string(binding, "HostIp"),
                       .host_port = port_number(get_string(binding, "HostPort")),
                       .protocol = protocol});
    }
  }
  return ports;
}

/// From a list: [{"IP": "127.0.0.1", "PrivatePort": 8000, "PublicPort": 49153, "Type": "tcp"}]; what is only
/// exposed has no public port.
std::vector<PublishedPort> read_listed_ports(const json& body) {
  std::vector<PublishedPort> ports;
  for (const json& port : get_list(body, "Ports")) {
    if (get_field(port, "PublicPort").is_null()) continue;
    ports.push_back({.container_port = port_number(std::to_string(get_uint64(port, "PrivatePort"))),
                     .host_ip = get_string(port, "IP"),
                     .host_port = port_number(std::to_string(get_uint64(port, "PublicPort"))),
                     .protocol = get_string(port, "Type")});
  }
  return ports;
}

std::vector<MountPoint> read_mounts(const json& body) {
  std::vector<MountPoint> mounts;
  for (const json& mount : get_list(body, "Mounts")) {
    mounts.push_back({.type = get_string(mount, "Type"),
                      .name = get_string(mount, "Name"),
                      .source = get_string(mount, "Source"),
                      .destination = get_string(mount, "Destination"),
                      .read_only = !get_bool(mount, "RW")});
  }
  return mounts;
}

/// What it was made from.
void read_settings(const json& body, ContainerDetails& details) {
  const json& config = get_field(body, "Config");
  const json& host = get_field(body, "HostConfig");
  const json& policy = get_field(host, "RestartPolicy");
  details.created_at = get_time(body, "Created");
  details.image_name = get_string(config, "Image");
  details.command = get_strings(body, "Args");
  if (const std::string path = get_string(body, "Path"); !path.empty())
    details.command.insert(details.command.begin(), path);
  details.environment = get_strings(config, "Env");
  details.working_directory = get_string(config, "WorkingDir");
  details.user = get_string(config, "User");
  details.host_name = get_string(config, "Hostname");
  details.mounts = read_mounts(body);
  details.restart_policy = get_string(policy, "Name");
  details.restart_most_times = get_int64(policy, "MaximumRetryCount");
  details.network_mode = get_string(host, "NetworkMode");
  details.memory_bytes = get_int64(host, "Memory");
  details.nano_cpus = get_int64(host, "NanoCpus");
  details.storage_driver = get_string(body, "Driver");
}

}  // namespace

std::string_view to_string(HealthStatus status) noexcept {
  switch (status) {
    case HealthStatus::none:
      return "none";
    case HealthStatus::starting:
      return "starting";
    case HealthStatus::healthy:
      return "healthy";
    case HealthStatus::unhealthy:
      return "unhealthy";
  }
  return "none";
}

ContainerDetails parse_container(const json& body) {
  const json& config = get_field(body, "Config");
  ContainerDetails details{.id = ContainerId(get_string(body, "Id")),
                           .name = without_slash(get_string(body, "Name")),
                           .image = make_image_id(get_string(body, "Image")),
                           .restart_count = get_int64(body, "RestartCount"),
                           .labels = get_string_map(config, "Labels"),
                           .tty = get_bool(config, "Tty"),
                           .size_rw_bytes = find_size(body, "SizeRw"),
                           .size_root_fs_bytes = find_size(body, "SizeRootFs")};
  read_state(get_field(body, "State"), details);
  read_settings(body, details);
  const json& settings = get_field(body, "NetworkSettings");
  details.addresses = read_addresses(settings);
  details.fixed_addresses = read_fixed_addresses(settings);
  details.published_ports = read_published_ports(settings);
  return details;
}

ContainerSummary parse_container_summary(const json& body) {
  // A container that others link to has several names; its own has one slash only.
  std::string name;
  for (const std::string& candidate : get_strings(body, "Names")) {
    if (name.empty() || candidate.find('/', 1) == std::string::npos) name = candidate;
  }
  return {.id = ContainerId(get_string(body, "Id")),
          .name = without_slash(std::move(name)),
          .image = make_image_id(get_string(body, "ImageID")),
          .state = get_string(body, "State"),
          .status = get_string(body, "Status"),
          .labels = get_string_map(body, "Labels"),
          .image_name = get_string(body, "Image"),
          .command = get_string(body, "Command"),
          .created_at = get_any_time(body, "Created"),
          .addresses = read_addresses(get_field(body, "NetworkSettings")),
          .published_ports = read_listed_ports(body),
          .size_rw_bytes = find_size(body, "SizeRw"),
          .size_root_fs_bytes = find_size(body, "SizeRootFs")};
}

}  // namespace halcyon::docker_api
