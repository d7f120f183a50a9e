#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "db/redacted_url.hpp"
#include "docker_api/error.hpp"
#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/toml_fields.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1024} * 1024;
constexpr std::uint64_t k_least_memory = 6 * k_mib;  // the engine refuses less
constexpr std::uint64_t k_most_memory = k_mib * k_mib;
constexpr double k_least_cpus = 0.01;  // the engine refuses less
constexpr double k_most_cpus = 1024;

constexpr NumberRule k_port_rule{1, 65535, "must be 1 to 65535", "write the port the application listens on"};
constexpr NumberRule k_replicas_rule{1, k_max_replicas, "must be 1 to 8",
                                     "write how many containers share the work in one slot"};
constexpr NumberRule k_pids_rule{1, 4'194'304, "must be 1 to 4194304",
                                 "write how many processes and threads the container may have"};
constexpr TextRule k_route_rule{is_route,
                                "must begin with '/' and hold only [A-Za-z0-9._~/-], without '..' and '//'",
                                R"(write a path prefix such as "/" or "/api/")"};
constexpr TextRule k_argument_rule{
    [](std::string_view text) noexcept { return text.find('\0') == std::string_view::npos; },
    "must be text without NUL", R"(write one argument per text, such as ["server", "--port", "8000"])"};
constexpr TextRule k_capability_rule{is_capability, "must be a capability name of [A-Z_]",
                                     R"(write names such as "NET_BIND_SERVICE", or "ALL")"};
constexpr TextRule k_user_rule{is_container_user, "must be made of [a-z0-9_.:-]",
                               R"(write a name or number, such as "app" or "1000:1000")"};
constexpr TextRule k_signal_rule{is_stop_signal, "must be SIG and then [A-Z0-9]",
                                 R"(write "SIGTERM" or "SIGINT")"};
constexpr TextRule k_env_file_rule{
    [](std::string_view text) noexcept { return !text.empty() && is_printable(text); },
    "must be the path of a file", "write it absolute, or relative to the directory of halcyon.toml"};

void read_kind(TableReader& reader, Service& service, bool& supported) {
  const TomlNode* node = reader.find("kind");
  if (node == nullptr) return;
  if (node->kind == TomlKind::string && (node->text == "worker" || node->text == "job")) {
    supported = false;
    return reader.complain(*node, "is not supported by this version", R"(write "web" or "accessory")");
  }
  if (reader.read_word("kind", {"web", "accessory"}) == 1) service.kind = ServiceKind::accessory;
}

void check_pinning(TableReader& reader, const TomlNode& node, const Service& service) {
  const bool is_pinned = service.image.tag || service.image.digest;
  if (service.kind == ServiceKind::web && is_pinned) {
    docker_api::ImageReference bare = service.image;
    bare.tag.reset();
    bare.digest.reset();
    reader.complain(node, "must have neither tag nor digest: the promotion brings it",
                    fmt::format("write \"{}\"", escaped_text(bare.to_string())));
  }
  if (service.kind == ServiceKind::accessory && !is_pinned)
    reader.complain(node, "must have a tag or a digest, because no promotion brings one",
                    fmt::format("write \"{}:TAG\"", escaped_text(service.image.to_string())));
}

void read_image(TableReader& reader, Service& service, bool supported) {
  const TomlNode* node = reader.find("image");
  if (node == nullptr)
    return reader.complain_missing(
        "image", "is required",
        R"(write where the image comes from, such as "registry.example.com/shop/web")");
  if (node->kind != TomlKind::string)
    return reader.complain(*node, "must be an image reference", "write it as a text in quotes");
  try {
    service.image = docker_api::parse_image_reference(node->text);
  } catch (const docker_api::Error& error) {
    return reader.complain(*node,
                           "must be an image reference: " + db::redact_urls(escaped_text(error.what())),
                           R"(write one such as "registry.example.com/shop/web")");
  }
  if (supported) check_pinning(reader, *node, service);
}

void read_cpus(TableReader& reader, Service& service) {
  const TomlNode* node = reader.find("cpus");
  if (node == nullptr) return;
  const double cpus = node->kind == TomlKind::real      ? node->real
                      : node->kind == TomlKind::integer ? static_cast<double>(node->integer)
                                                        : 0;
  if (!(cpus >= k_least_cpus && cpus <= k_most_cpus))  // so written that NaN is refused
    return reader.complain(*node, "must be a number of 0.01 to 1024",
                           "write how many processors' time the container may use, such as 0.5 or 2");
  service.nano_cpus = static_cast<std::uint64_t>(std::llround(cpus * 1e9));
}

void read_limits(TableReader& reader, Service& service) {
  reader.read_size("memory", k_least_memory, k_most_memory, service.memory_bytes);
  read_cpus(reader, service);
  reader.read_number("pids", k_pids_rule, service.pids_limit);
}

void read_process(TableReader& reader, Service& service, const ReadingPlace& place) {
  reader.read_texts("command", k_argument_rule, false, service.command);
  reader.read_texts("entrypoint", k_argument_rule, false, service.entrypoint);
  service.environment = read_env_table(reader.find_table("env"), reader.problems());
  if (reader.read_text("env_file", k_env_file_rule, service.env_file)) {
    service.env_file =
        (std::filesystem::path(place.base_directory) / service.env_file).lexically_normal().string();
    if (place.reads_env_files) check_env_file(service.env_file, *reader.find("env_file"), reader.problems());
  }
  service.volumes = read_volumes(reader.find("volumes"), place, reader.problems());
  reader.read_text("user", k_user_rule, service.user);
  reader.read_flag("read_only_root", service.read_only_root);
  if (service.kind == ServiceKind::accessory) service.cap_drop.clear();
  reader.read_texts("cap_drop", k_capability_rule, false, service.cap_drop);
  reader.read_texts("cap_add", k_capability_rule, false, service.cap_add);
  reader.read_text("stop_signal", k_signal_rule, service.stop_signal);
  milliseconds stop_timeout = service.stop_timeout;
  reader.read_duration("stop_timeout", seconds(1), stop_timeout);
  service.stop_timeout = std::chrono::duration_cast<seconds>(stop_timeout);
}

void read_web(TableReader& reader, Service& service) {
  std::int64_t port = 0;
  if (reader.read_number("port", k_port_rule, port)) service.port = static_cast<std::uint16_t>(port);
  if (reader.table().find("port") == nullptr)
    reader.complain_missing("port", "is required for a web service", std::string(k_port_rule.remedy));
  service.routes = {"/"};
  reader.read_texts("routes", k_route_rule, false, service.routes);
  if (service.routes.empty())
    reader.complain(*reader.find("routes"), "must hold at least one route", std::string(k_route_rule.remedy));
  std::int64_t replicas = service.replicas;
  reader.read_number("replicas", k_replicas_rule, replicas);
  service.replicas = static_cast<int>(replicas);
  service.gate = read_gate(reader.find_table("gate"), reader.table(), reader.problems());
  reader.read_duration("drain_max", milliseconds(1), service.drain_max);
}

void refuse_web_keys(TableReader& reader) {
  for (const std::string_view key : {"port", "routes", "replicas", "gate", "drain_max"})
    if (const TomlNode* node = reader.find(key))
      reader.complain(*node, "is only for web services", R"(remove it, or write kind = "web")");
}

}  // namespace

Service read_service(const Name& name, const TomlNode& table, const ReadingPlace& place,
                     std::vector<Problem>& problems) {
  Service service{.name = name};
  TableReader reader(table, problems);
  bool supported = true;
  read_kind(reader, service, supported);
  read_image(reader, service, supported);
  if (const int pull = reader.read_word("pull", {"missing", "never"}); pull == 1)
    service.pull = PullPolicy::never;
  read_process(reader, service, place);
  read_limits(reader, service);
  if (!supported) {
    for (const std::string_view key : {"port", "routes", "replicas", "gate", "drain_max"}) reader.find(key);
  } else if (service.kind == ServiceKind::web) {
    read_web(reader, service);
  } else {
    refuse_web_keys(reader);
  }
  reader.report_unknown_keys();
  return service;
}

}  // namespace halcyon::orchestrator
