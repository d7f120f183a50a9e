#include "docker_api/container_spec.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/endpoint_settings.hpp"
#include "docker_api/error.hpp"
#include "docker_api/host_settings_json.hpp"
#include "docker_api/json_writing.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

constexpr std::string_view k_create_endpoint = "POST /containers/create";

std::string port_key(std::uint16_t port, std::string_view protocol) {
  return fmt::format("{}/{}", port, protocol);
}

/// The engine counts nanoseconds and refuses what lies between 0 and 1 ms (G38).
std::int64_t nanoseconds(std::chrono::milliseconds duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

json make_healthcheck(const Healthcheck& check, ApiVersion version) {
  json body{{"Test", check.test},
            {"Interval", nanoseconds(check.interval)},
            {"Timeout", nanoseconds(check.timeout)},
            {"StartPeriod", nanoseconds(check.start_period)},
            {"Retries", check.retries}};
  if (check.start_interval) {
    require_option(version, GatedOption::start_interval);
    body["StartInterval"] = nanoseconds(*check.start_interval);
  }
  return body;
}

void add_mount_options(const Mount& mount, ApiVersion version, json& body) {
  if (!mount.subpath.empty()) {
    if (mount.type != Mount::Type::volume) refuse_create("only a volume has a subpath");
    require_option(version, GatedOption::volume_subpath);
    body["VolumeOptions"]["Subpath"] = mount.subpath;
  }
  if (mount.read_only_non_recursive) {
    if (mount.type != Mount::Type::bind)
      refuse_create("only a bind mount can be read-only without what is below it");
    require_option(version, GatedOption::read_only_non_recursive);
    body["BindOptions"]["ReadOnlyNonRecursive"] = true;
  }
  if (mount.no_copy) {
    if (mount.type != Mount::Type::volume) refuse_create("only a volume is filled from the image");
    body["VolumeOptions"]["NoCopy"] = true;
  }
  if (!mount.propagation.empty()) {
    if (mount.type != Mount::Type::bind) refuse_create("only a bind mount has a propagation");
    body["BindOptions"]["Propagation"] = mount.propagation;
  }
  if (mount.tmpfs_bytes || mount.tmpfs_mode) {
    if (mount.type != Mount::Type::tmpfs) refuse_create("only a tmpfs has a size and a mode");
    if (mount.tmpfs_bytes) body["TmpfsOptions"]["SizeBytes"] = *mount.tmpfs_bytes;
    if (mount.tmpfs_mode) body["TmpfsOptions"]["Mode"] = *mount.tmpfs_mode;
  }
}

std::string_view mount_word(Mount::Type type) {
  switch (type) {
    case Mount::Type::volume:
      return "volume";
    case Mount::Type::bind:
      return "bind";
    case Mount::Type::tmpfs:
      return "tmpfs";
    case Mount::Type::image:
      return "image";
  }
  return "volume";
}

json make_mount(const Mount& mount, ApiVersion version) {
  if (mount.target.empty() || mount.target.front() != '/') {
    refuse_create(fmt::format("mount target \"{}\" is not an absolute path", mount.target));
  }
  json body{{"Target", mount.target}, {"ReadOnly", mount.read_only}, {"Type", mount_word(mount.type)}};
  if (mount.type == Mount::Type::image) require_option(version, GatedOption::image_mount);
  add_mount_options(mount, version, body);
  if (mount.type == Mount::Type::tmpfs) return body;
  // An empty source would become a new anonymous volume with every container.
  if (mount.source.empty()) refuse_create(fmt::format("the mount at {} has no source", mount.target));
  body["Source"] = mount.source;
  return body;
}

json make_environment(const ContainerSpec& spec) {
  json variables = json::array();
  for (const auto& [name, value] : spec.environment) {
    if (name.empty() || name.find('=') != std::string::npos) {
      refuse_create(fmt::format("\"{}\" is no name of an environment variable", name));
    }
    variables.push_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

void add_ports(const ContainerSpec& spec, json& body, json& host) {
  json exposed = json::object();
  for (const std::uint16_t port : spec.exposed_tcp_ports) exposed[port_key(port, "tcp")] = json::object();
  for (const PublishedPort& port : spec.published_ports) {
    if (port.protocol != "tcp" && port.protocol != "udp" && port.protocol != "sctp")
      refuse_create(fmt::format("a port's protocol is tcp, udp or sctp, not \"{}\"", port.protocol));
    const std::string key = port_key(port.container_port, port.protocol);
    exposed[key] = json::object();
    const std::string host_port = port.host_port == 0 ? "" : fmt::format("{}", port.host_port);
    host["PortBindings"][key].push_back({{"HostIp", port.host_ip}, {"HostPort", host_port}});
  }
  if (!exposed.empty()) body["ExposedPorts"] = std::move(exposed);
}

/// One endpoint at create works with every API version; two need 1.44.
void add_networks(const ContainerSpec& spec, ApiVersion version, EngineKind kind, json& body, json& host) {
  if (!spec.network) {
    if (!spec.more_networks.empty()) refuse_create("more networks need a first one");
    return;
  }
  host["NetworkMode"] = spec.network->network;
  json& endpoints = body["NetworkingConfig"]["EndpointsConfig"];
  endpoints[spec.network->network] = make_endpoint_settings(*spec.network, version, kind);
  if (spec.more_networks.empty()) return;
  require_option(version, GatedOption::several_networks);
  for (const NetworkAttachment& network : spec.more_networks)
    endpoints[network.network] = make_endpoint_settings(network, version, kind);
}

void add_resources(const ContainerSpec& spec, json& host) {
  if (spec.memory_bytes > 0) host["Memory"] = spec.memory_bytes;
  if (spec.nano_cpus > 0) host["NanoCpus"] = spec.nano_cpus;
  if (spec.pids_limit > 0) host["PidsLimit"] = spec.pids_limit;
}

void add_security(const ContainerSpec& spec, json& host) {
  if (spec.read_only_root) host["ReadonlyRootfs"] = true;
  if (!spec.cap_drop.empty()) host["CapDrop"] = spec.cap_drop;
  if (!spec.cap_add.empty()) host["CapAdd"] = spec.cap_add;
  if (!spec.security_options.empty()) host["SecurityOpt"] = spec.security_options;
}

/// What engines of some versions would drop without a word.
void add_newer_options(const ContainerSpec& spec, ApiVersion version, json& host) {
  if (spec.console_size) {
    if (!spec.tty) refuse_create("a console size needs a terminal");
    require_option(version, GatedOption::console_size);
    host["ConsoleSize"] = {spec.console_size->rows, spec.console_size->columns};
  }
  if (!spec.annotations.empty()) {
    require_option(version, GatedOption::annotations);
    host["Annotations"] = spec.annotations;
  }
  if (!spec.cgroup_namespace.empty()) {
    require_option(version, GatedOption::cgroup_namespace);
    host["CgroupnsMode"] = spec.cgroup_namespace;
  }
  if (!spec.platform.empty()) require_option(version, GatedOption::container_platform);
}

json make_host_config(const ContainerSpec& spec, ApiVersion version) {
  json host{{"RestartPolicy", make_restart_policy(spec.restart_policy)}};
  if (spec.restart_retries > 0) {
    if (spec.restart_policy != RestartPolicy::on_failure) refuse_create("only on_failure counts its retries");
    host["RestartPolicy"]["MaximumRetryCount"] = spec.restart_retries;
  }
  if (spec.network && !spec.host.network_mode.empty())
    refuse_create("a network and a network mode exclude each other");
  add_host_settings(spec.host, host);
  add_resources(spec, host);
  add_security(spec, host);
  if (spec.init) host["Init"] = true;
  if (spec.auto_remove) host["AutoRemove"] = true;
  add_newer_options(spec, version, host);
  for (const Mount& mount : spec.mounts) host["Mounts"].push_back(make_mount(mount, version));
  for (const auto& [name, address] : spec.extra_hosts)
    host["ExtraHosts"].push_back(fmt::format("{}:{}", name, address));
  if (!spec.log_driver.empty()) {
    host["LogConfig"] = {{"Type", spec.log_driver}, {"Config", spec.log_options}};
  } else if (!spec.log_options.empty()) {
    refuse_create("log options need a log driver");
  }
  return host;
}

}  // namespace

void refuse_create(std::string why) {
  throw Error({.kind = ErrorKind::invalid_argument,
               .endpoint = std::string(k_create_endpoint),
               .explanation = std::move(why)});
}

json make_restart_policy(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::no:
      return {{"Name", "no"}};
    case RestartPolicy::on_failure:
      return {{"Name", "on-failure"}};
    case RestartPolicy::always:
      return {{"Name", "always"}};
    case RestartPolicy::unless_stopped:
      return {{"Name", "unless-stopped"}};
  }
  return {{"Name", "no"}};
}

json make_create_body(const ContainerSpec& spec, ApiVersion version, EngineKind kind) {
  if (spec.image.empty()) refuse_create("the image is empty");
  json body{{"Image", spec.image}};
  if (!spec.command.empty()) body["Cmd"] = spec.command;
  if (!spec.entrypoint.empty()) body["Entrypoint"] = spec.entrypoint;
  if (!spec.environment.empty()) body["Env"] = make_environment(spec);
  if (!spec.labels.empty()) body["Labels"] = spec.labels;
  set_unless_empty(body, "User", spec.user);
  set_unless_empty(body, "WorkingDir", spec.working_dir);
  set_unless_empty(body, "Hostname", spec.hostname);
  set_unless_empty(body, "Domainname", spec.domain_name);
  set_unless_empty(body, "StopSignal", spec.stop_signal);
  if (spec.tty) body["Tty"] = true;
  if (spec.open_stdin) body["OpenStdin"] = body["StdinOnce"] = true;
  if (spec.stop_timeout) body["StopTimeout"] = std::int64_t{spec.stop_timeout->count()};
  if (spec.healthcheck) body["Healthcheck"] = make_healthcheck(*spec.healthcheck, version);
  json host = make_host_config(spec, version);
  add_ports(spec, body, host);
  add_networks(spec, version, kind, body, host);
  body["HostConfig"] = std::move(host);
  if (!spec.more_json.empty())
    body.merge_patch(parse_object(spec.more_json, std::string(k_create_endpoint), "more_json"));
  return body;
}

}  // namespace halcyon::docker_api
