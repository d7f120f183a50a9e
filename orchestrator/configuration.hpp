// halcyon.toml as values: text in, one fully merged Environment per environment out, or every problem at
// once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_api/image_reference.hpp"
#include "orchestrator/names.hpp"

namespace halcyon::orchestrator {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Defaults, all in one place; `config show` prints them.
inline constexpr std::string_view k_default_state_directory = "/var/lib/halcyon";
inline constexpr int k_default_gate_successes = 3;
inline constexpr milliseconds k_default_gate_interval{2};
inline constexpr milliseconds k_default_gate_request_timeout{2'000};
inline constexpr milliseconds k_default_gate_deadline{60'000};
inline constexpr seconds k_default_stop_timeout{30};
inline constexpr milliseconds k_default_drain_max{60'000};
inline constexpr milliseconds k_default_pull_idle{60'000};
inline constexpr milliseconds k_default_resolve_deadline{20'000};
inline constexpr milliseconds k_default_proxy_read_timeout{60'000};
/// Below every common application's own idle timeout (Node closes after 5 s), and short, because a drain
/// waits for it.
inline constexpr milliseconds k_default_upstream_keepalive{1'000};
inline constexpr std::uint64_t k_default_client_max_body_bytes = std::uint64_t{16} * 1024 * 1024;
inline constexpr int k_max_replicas = 8;

enum class ServiceKind { web, accessory };
std::string_view to_string(ServiceKind kind) noexcept;

/// What must hold before traffic may go to a slot: an HTTP request from the host to the container's own
/// address.
struct Gate {
  std::string path = "/";             ///< `gate.path`; required for web services
  std::string host;                   ///< Host header; empty: the environment's domain, as nginx will send it
  std::vector<int> statuses = {200};  ///< `gate.status`: accepted answers
  std::string contains;               ///< body must contain this; empty: anything
  std::string release_header;  ///< header in which the application names its release; empty: not checked
  int successes = k_default_gate_successes;         ///< in a row
  milliseconds interval = k_default_gate_interval;  ///< between two successes
  milliseconds request_timeout = k_default_gate_request_timeout;
  milliseconds deadline = k_default_gate_deadline;  ///< for the whole gate
};

/// One volume or bind mount: "data:/var/lib/data", "/srv/x:/x:ro".
struct VolumeMount {
  std::string source;  ///< a volume's short name, or an absolute host path
  std::string target;
  bool read_only = false;
  bool is_bind() const noexcept { return !source.empty() && source.front() == '/'; }
};

/// When the engine asks the registry for an image.
enum class PullPolicy {
  missing,  ///< resolve the tag at the registry, pull the digest unless the engine has it
  never,    ///< only what the engine has: appliances without a registry
};
std::string_view to_string(PullPolicy policy) noexcept;

struct Service {
  Name name;
  ServiceKind kind = ServiceKind::web;
  docker_api::ImageReference image;  ///< web: without tag; accessory: with tag or digest
  PullPolicy pull = PullPolicy::missing;
  std::uint16_t port = 0;           ///< web: the port the application listens on
  std::vector<std::string> routes;  ///< web: path prefixes, "/" or "/api/"
  int replicas = 1;
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  std::vector<std::pair<std::string, std::string>> environment;  ///< `env` table, then nothing hidden
  std::string env_file;  ///< absolute after loading; values are read when a release is made
  std::vector<VolumeMount> volumes;
  Gate gate;
  std::uint64_t memory_bytes = 0;  ///< 0: unlimited
  std::uint64_t nano_cpus = 0;     ///< 0: unlimited
  std::int64_t pids_limit = 0;     ///< 0: unlimited
  std::string user;                ///< empty: the image's
  bool read_only_root = false;
  std::vector<std::string> cap_drop = {"ALL"};  ///< accessory: default none, images of databases need theirs
  std::vector<std::string> cap_add;
  std::string stop_signal;  ///< empty: the image's
  seconds stop_timeout = k_default_stop_timeout;
  milliseconds drain_max = k_default_drain_max;
};

enum class NginxMode {
  managed,  ///< we write the whole server block
  include,  ///< the team keeps its server block and adds our includes
};
std::string_view to_string(NginxMode mode) noexcept;
enum class SwitchWay { flag, reload };
std::string_view to_string(SwitchWay way) noexcept;

struct Nginx {
  NginxMode mode = NginxMode::managed;
  SwitchWay switch_way = SwitchWay::flag;
  std::string listen = "80";  ///< managed: port, or address:port
  std::string program = "/usr/sbin/nginx";
  std::string config = "/etc/nginx/nginx.conf";  ///< given to `nginx -t -c`
  std::string conf_dir = "/etc/nginx/conf.d";    ///< managed: where nginx.conf includes *.conf from
  std::string pid_file = "/run/nginx.pid";
  std::string probe = "127.0.0.1:80";  ///< where probes through nginx connect; managed: from `listen`
  std::uint64_t client_max_body_bytes = k_default_client_max_body_bytes;
  milliseconds proxy_read_timeout = k_default_proxy_read_timeout;
  milliseconds upstream_keepalive = k_default_upstream_keepalive;
};

/// One environment with every default filled in and every override applied.
struct Environment {
  Name app;
  Name name;
  std::string domain;           ///< server_name; several, separated by one space, the first is the main one
  std::string subnet;           ///< "10.201.7.0/24"; empty: chosen at install and kept
  std::string state_directory;  ///< <state_dir>/<app>/<env>
  Nginx nginx;
  std::vector<Service> services;  ///< in the order of the file
  int keep_releases = 5;          ///< images of that many releases are kept
  milliseconds resolve_deadline = k_default_resolve_deadline;
  milliseconds pull_idle = k_default_pull_idle;

  const Service* find_service(std::string_view service_name) const noexcept;
  /// "web, api, db": what a message offers instead of a name that is none.
  std::string list_services() const;
};

/// One thing wrong with the configuration.
struct Problem {
  std::string key;     ///< "service.web.port"
  std::string value;   ///< as written, shortened; control characters escaped
  std::string rule;    ///< what it must be
  std::string remedy;  ///< what to write instead, or which keys there are
  int line = 0;        ///< 0: unknown
  auto operator<=>(const Problem&) const = default;
};
/// `halcyon.toml:7: service.web.port = 70000: must be 1 to 65535; write the port the application listens on`.
std::string to_string(const Problem& problem, std::string_view file);

struct Configuration {
  std::string file;
  Name app;
  std::map<std::string, Environment> environments;  ///< by name
};

/// The outcome of loading: a configuration, or all problems (never both, never neither).
struct LoadedConfiguration {
  std::optional<Configuration> configuration;
  std::vector<Problem> problems;
};

/// Whose env files are read and checked with the configuration. Who only looks, or goes back to recorded
/// values, needs none of them.
struct EnvFilesOf {
  bool all = false;         ///< those of every environment
  std::string environment;  ///< else those of this one; empty: none
  bool includes(std::string_view name) const noexcept { return all || environment == name; }
};

/// Reads and checks a whole configuration; touches nothing but the text and the env files asked for.
///
/// Shape:  keys of [app], [nginx], [service.NAME], [environment.NAME]; [environment.NAME.service.S] and
///         [environment.NAME.nginx] override single keys. Unknown keys are problems.
/// Units:  durations "250ms", "5s", "2m", "1h"; sizes "64KiB", "256MiB", "1GiB" (also k, m, g); cpus 0.5.
/// `base_directory`: relative env_file and bind sources are meant from here. `env_files`: those are read,
/// too.
LoadedConfiguration parse_configuration(std::string_view text, std::string file, std::string base_directory,
                                        const EnvFilesOf& env_files = {});

/// Reads `path` and parses it; the mistakes in env files are among the problems.
///
/// Errors: orchestrator::Error usage if it cannot be read.
LoadedConfiguration load_configuration(const std::string& path, const EnvFilesOf& env_files = {});

/// The environment with every value, defaults included, as JSON text (two-space indent), secrets never in it.
std::string to_json_text(const Environment& environment);
/// The same as a halcyon.toml that means the same but for the secrets; a comment marks every default.
std::string to_readable_text(const Environment& environment);

/// Reads KEY=value lines. Shape: '#' comments, optional `export `, single or double quotes; no expansion.
/// Errors: Error usage naming file, line and rule (never the value).
std::vector<std::pair<std::string, std::string>> parse_env_file(std::string_view text,
                                                                const std::string& file);
/// What is wrong with an env file, one text for each bad line, never with a value in it; empty: nothing.
/// Pure.
std::vector<std::string> find_env_file_mistakes(std::string_view text, const std::string& file);

}  // namespace halcyon::orchestrator
