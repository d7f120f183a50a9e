// POST /containers/create: what was asked for, filled up with what the image says.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/host_defaults.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

json member(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? json() : *found;
}

std::vector<std::string> read_strings(const json& object, const char* key) {
  const json value = member(object, key);
  if (value.is_string()) return {value.get<std::string>()};
  return value.is_array() ? value.get<std::vector<std::string>>() : std::vector<std::string>{};
}

/// The image's variables, overridden by name.
std::vector<std::string> merge_environment(std::vector<std::string> given,
                                           const std::vector<std::string>& base) {
  for (const std::string& variable : base) {
    const std::string start = variable.substr(0, variable.find('=') + 1);
    const bool overridden = std::any_of(given.begin(), given.end(),
                                        [&start](const std::string& one) { return one.starts_with(start); });
    if (!overridden) given.push_back(variable);
  }
  return given;
}

void check_healthcheck(const json& check) {
  for (const char* key : {"Interval", "Timeout", "StartPeriod", "StartInterval"}) {
    const json value = member(check, key);
    if (value.is_number_integer() && value.get<std::int64_t>() != 0 &&
        value.get<std::int64_t>() < 1'000'000) {
      throw Refusal{400, fmt::format("{} in Healthcheck cannot be less than 1ms", key)};
    }
  }
}

/// What a client sends for "not set".
const json k_empty = "";

/// Config as inspect shows it.
json make_config(const json& body, const Image& image, const std::string& id) {
  json config = default_config();
  for (auto& [key, value] : config.items()) {
    if (body.contains(key) && !body[key].is_null()) value = body[key];
  }
  if (config["Hostname"] == k_empty) config["Hostname"] = short_id(id);
  for (const auto& [key, value] : {std::pair{"User", image.user}, {"WorkingDir", image.working_dir}}) {
    if (config[key] == k_empty) config[key] = value;
  }
  const bool has_entrypoint = !read_strings(body, "Entrypoint").empty();
  if (!has_entrypoint && !image.entrypoint.empty()) config["Entrypoint"] = image.entrypoint;
  if (!has_entrypoint && read_strings(body, "Cmd").empty()) {
    config["Cmd"] = image.command.empty() ? json() : json(image.command);
  }
  const auto environment = merge_environment(read_strings(body, "Env"), image.environment);
  config["Env"] = environment.empty() ? json() : json(environment);
  json labels = image.labels;
  if (const json given = member(body, "Labels"); given.is_object()) labels.update(given);
  config["Labels"] = labels;
  json ports = member(body, "ExposedPorts");
  for (const std::string& port : image.exposed_ports) ports[port] = json::object();
  if (!ports.is_null()) config["ExposedPorts"] = ports;
  if (const json check = member(body, "Healthcheck"); check.is_object()) {
    config["Healthcheck"] = check;
  } else if (!image.healthcheck.empty()) {
    config["Healthcheck"] = {{"Test", image.healthcheck}};
  }
  for (const char* key : {"StopSignal", "StopTimeout"}) {
    if (body.contains(key)) config[key] = body[key];
  }
  return config;
}

json make_host_config(const json& given) {
  json host = default_host_config();
  if (given.is_object()) {
    for (const auto& [key, value] : given.items()) {
      if (!value.is_null()) host[key] = value;
    }
  }
  if (host["NetworkMode"] == k_empty) host["NetworkMode"] = "default";
  return host;
}

bool has_check(const json& config) {
  const auto test = read_strings(member(config, "Healthcheck"), "Test");
  return !test.empty() && test.front() != "NONE";
}

MountRecord make_mount(Core& core, const json& mount) {
  MountRecord record{.type = mount.value("Type", "volume"),
                     .source = mount.value("Source", ""),
                     .target = mount.value("Target", ""),
                     .read_only = mount.value("ReadOnly", false)};
  if (record.type == "volume") {
    record.anonymous = record.source.empty();
    record.name = record.anonymous ? core.new_id() : record.source;
    ensure_volume(core, record.name, record.anonymous);
    record.source = "/var/lib/docker/volumes/" + record.name + "/_data";
  }
  return record;
}

void add_mounts(Core& core, const json& host, const json& config, Container& container) {
  for (const json& mount : member(host, "Mounts")) container.mounts.push_back(make_mount(core, mount));
  for (const std::string& bind : read_strings(host, "Binds")) {
    const std::size_t colon = bind.find(':');
    const std::string source = bind.substr(0, colon);
    const std::string rest = bind.substr(colon + 1);
    container.mounts.push_back(make_mount(core, {{"Type", source.starts_with('/') ? "bind" : "volume"},
                                                 {"Source", source},
                                                 {"Target", rest.substr(0, rest.find(':'))},
                                                 {"ReadOnly", rest.ends_with(":ro")}}));
  }
  if (const json volumes = member(config, "Volumes"); volumes.is_object()) {
    for (const auto& [target, nothing] : volumes.items()) {
      container.mounts.push_back(make_mount(core, {{"Type", "volume"}, {"Target", target}}));
    }
  }
}

void add_endpoints(const json& body, ApiVersion version, Container& container) {
  const json given = member(member(body, "NetworkingConfig"), "EndpointsConfig");
  if (given.is_object() && given.size() > 1 && version < ApiVersion{1, 44}) {
    std::vector<std::string> names;
    for (const auto& [name, settings] : given.items()) names.push_back(name);
    throw Refusal{
        400, fmt::format("Container cannot be connected to network endpoints: {}", fmt::join(names, ", "))};
  }
  const std::string& mode = container.network_mode;
  if (mode.starts_with("container:")) return;
  container.endpoints[mode == "default" ? "bridge" : mode];
  if (!given.is_object()) return;
  for (const auto& [name, settings] : given.items()) {
    Endpoint& endpoint = container.endpoints[name == "default" ? "bridge" : name];
    const json fixed = member(member(settings, "IPAMConfig"), "IPv4Address");
    if (fixed.is_string()) endpoint.fixed_address = fixed;
    endpoint.aliases = read_strings(settings, "Aliases");
  }
}

void read_host(const json& host, Container& container) {
  container.network_mode = host["NetworkMode"];
  const json policy = member(host, "RestartPolicy");
  container.restart_policy = policy.is_object() ? policy.value("Name", "") : "";
  container.restart_most_times = policy.is_object() ? policy.value("MaximumRetryCount", std::int64_t{0}) : 0;
  container.auto_remove = host.value("AutoRemove", false);
  if (container.auto_remove && !container.restart_policy.empty() && container.restart_policy != "no") {
    throw Refusal{400, "can't create 'AutoRemove' container with restart policy"};
  }
}

}  // namespace

std::optional<std::string> find_name_problem(const Core& core, const std::string& name) {
  constexpr std::string_view k_first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const bool valid = name.size() > 1 && k_first.find(name.front()) != std::string_view::npos &&
                     name.find_first_not_of(std::string(k_first) + "_.-") == std::string::npos;
  if (!valid) {
    return fmt::format("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name);
  }
  for (const auto& other : core.containers) {
    if (other->name != name) continue;
    return fmt::format(
        "Conflict. The container name \"/{}\" is already in use by container \"{}\". "
        "You have to remove (or rename) that container to be able to reuse that name.",
        name, other->id);
  }
  return std::nullopt;
}

Answer create_container(Core& core, const Call& call) {
  const json body = read_body(call.request);
  const json host = make_host_config(member(body, "HostConfig"));
  auto container = std::make_unique<Container>();
  read_host(host, *container);
  container->image_name = body.value("Image", "");
  check_healthcheck(member(body, "Healthcheck"));
  const StoredImage* image = core.find_image(container->image_name);
  if (container->image_name.empty()) throw Refusal{400, "No command specified"};
  if (image == nullptr)
    throw Refusal{404, fmt::format("No such image: {}", full_name(container->image_name))};
  add_endpoints(body, call.request.version, *container);

  container->id = core.new_id();
  const json config = make_config(body, image->image, container->id);
  container->command = read_strings(config, "Entrypoint");
  const auto arguments = read_strings(config, "Cmd");
  container->command.insert(container->command.end(), arguments.begin(), arguments.end());
  if (container->command.empty()) throw Refusal{400, "No command specified"};
  std::string name = call.request.parameter("name");
  if (name.starts_with('/')) name.erase(0, 1);
  container->name = name.empty() ? "fake_" + container->id.substr(0, 8) : name;
  if (const auto why = find_name_problem(core, container->name)) {
    throw Refusal{why->starts_with("Conflict") ? 409 : 400, *why};
  }

  core.effect("container.create", container->name);
  container->image_id = image->id;
  container->created = core.now();
  container->files = image->image.files;
  container->environment = read_strings(config, "Env");
  container->labels = config.at("Labels").get<std::map<std::string, std::string>>();
  container->tty = config.value("Tty", false);
  container->open_stdin = config.value("OpenStdin", false);
  container->has_healthcheck = has_check(config);
  add_mounts(core, host, config, *container);
  container->config_json = config.dump();
  container->host_json = host.dump();
  core.containers.push_back(std::move(container));
  core.emit_container(*core.containers.back(), "create");
  return answer_json({{"Id", core.containers.back()->id}, {"Warnings", json::array()}}, 201);
}

}  // namespace halcyon::docker_api::fake
