// /containers: create, inspect, list, start, stop, kill, wait, rename, remove, logs. Elsewhere:
// container_list.hpp, container_control.hpp (restart, pause, update, ...), container_stats.hpp,
// container_archive.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/host_settings.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/log_frames.hpp"

namespace halcyon::docker_api {

/// Something of the host or the engine that a container sees as a path.
struct Mount {
  /// What is mounted.
  enum class Type { volume, bind, tmpfs, image };
  Type type = Type::volume;  ///< image needs API 1.48
  std::string source;        ///< volume name, absolute host path or image; empty for tmpfs
  std::string target;        ///< absolute path in the container
  bool read_only = false;
  bool read_only_non_recursive = false;  ///< bind: mounts below it stay writable; needs API 1.44
  std::string subpath;                   ///< volume: this directory of it only; needs API 1.45
  bool no_copy = false;                  ///< volume: a new one does not get what the image has at `target`
  std::string propagation;               ///< bind: "rprivate", "rslave", "rshared"
  std::optional<std::uint64_t> tmpfs_bytes;
  std::optional<std::uint32_t> tmpfs_mode;  ///< 01777
};

/// A port of the container that the host listens on.
struct PublishedPort {
  std::uint16_t container_port = 0;
  std::string host_ip = "127.0.0.1";
  std::uint16_t host_port = 0;   ///< 0: the engine chooses
  std::string protocol = "tcp";  ///< or "udp", "sctp"

  bool operator==(const PublishedPort&) const = default;
};

/// How the engine finds out whether a container is well.
struct Healthcheck {
  std::vector<std::string> test;  ///< {"CMD", "/app", "check"}, {"CMD-SHELL", "..."} or {"NONE"}
  std::chrono::milliseconds interval{30'000};
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds start_period{0};
  std::optional<std::chrono::milliseconds>
      start_interval;  ///< between probes in start_period; needs API 1.44
  int retries = 3;
};

/// When the engine starts a container again by itself.
enum class RestartPolicy { no, on_failure, always, unless_stopped };

/// How a container is attached to a user-defined network.
struct NetworkAttachment {
  std::string network;              ///< name or id
  std::optional<std::string> ipv4;  ///< fixed address inside the network's subnet
  std::vector<std::string> aliases;
  std::optional<std::string> ipv6;               ///< the same for IPv6
  std::string mac_address;                       ///< "02:42:ac:11:00:02"; at create needs API 1.44 or Podman
  std::optional<std::int64_t> gateway_priority;  ///< the highest gives the default route; needs API 1.48
  std::map<std::string, std::string> driver_options;
};

/// Rows and columns of a terminal.
struct ConsoleSize {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
};

/// Everything that create_container sends; a default-constructed field leaves the choice to the engine.
struct ContainerSpec {
  std::string name;
  std::string image;  ///< an image id, so that a moved tag cannot matter
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  std::vector<std::pair<std::string, std::string>> environment;
  std::map<std::string, std::string> labels;
  std::string user;
  std::string working_dir;
  std::string hostname;
  std::vector<std::uint16_t> exposed_tcp_ports;
  std::vector<PublishedPort> published_ports;
  std::optional<NetworkAttachment> network;
  std::vector<std::pair<std::string, std::string>> extra_hosts;  ///< {name, address}
  std::vector<Mount> mounts;
  std::uint64_t memory_bytes = 0;  ///< 0: unlimited
  std::uint64_t nano_cpus = 0;     ///< 10^9 is one CPU; 0: unlimited
  std::int64_t pids_limit = 0;     ///< 0: unlimited
  std::optional<Healthcheck> healthcheck;
  RestartPolicy restart_policy = RestartPolicy::no;
  std::string stop_signal;  ///< "SIGTERM"; empty: the image's
  std::optional<std::chrono::seconds> stop_timeout;
  bool read_only_root = false;
  bool init = false;
  std::vector<std::string> cap_drop;
  std::vector<std::string> cap_add;
  std::vector<std::string> security_options;       ///< "no-new-privileges:true"
  std::map<std::string, std::string> log_options;  ///< with `log_driver`
  std::string log_driver;
  bool tty = false;                                ///< a terminal: all output is stdout, and raw
  bool open_stdin = false;                         ///< it closes with the first attached client
  bool auto_remove = false;                        ///< the engine removes it when it has exited
  std::vector<NetworkAttachment> more_networks;    ///< besides `network`; needs API 1.44
  std::optional<ConsoleSize> console_size;         ///< with `tty`; needs API 1.42
  std::map<std::string, std::string> annotations;  ///< for the runtime; needs API 1.43
  std::string platform;                            ///< "linux/arm64"; needs API 1.41
  std::string cgroup_namespace;                    ///< "private" or "host"; needs API 1.41
  int restart_retries = 0;                         ///< with on_failure; 0: for ever
  std::string domain_name;
  HostSettings host;  ///< devices, kernel limits, namespaces, name resolution
  /// A JSON object for what is not named here: merged into the request's body as RFC 7386 says.
  std::string more_json;
};

/// What the engine made, and what it finds doubtful about it.
struct CreatedContainer {
  ContainerId id;
  std::vector<std::string> warnings;
};

/// Creates a container; does not start it.
///
/// Shape:      POST /containers/create?name=...; 201 with the id.
/// Errors:     not_found (image absent), conflict (name taken), refused (engine says why), invalid_argument,
///             unsupported for an option that is newer than the engine (version_gates.hpp).
/// In doubt:   after timeout the container may exist: ask find_container(name).
/// Idempotent: no.
boost::asio::awaitable<CreatedContainer> create_container(Engine& engine, ContainerSpec spec);

/// What the engine's probes say; none: there is no probe.
enum class HealthStatus { none, starting, healthy, unhealthy };
/// The engine's word for it.
std::string_view to_string(HealthStatus status) noexcept;

/// What is mounted in a container.
struct MountPoint {
  std::string type;    ///< open set: bind, volume, tmpfs, image, npipe, cluster
  std::string name;    ///< of a volume
  std::string source;  ///< on the engine's host
  std::string destination;
  bool read_only = false;
};

/// What inspect says about a container.
struct ContainerDetails {
  ContainerId id;
  std::string name;  ///< without the leading slash
  ImageId image;
  std::string state;  ///< open set: created, running, paused, restarting, exited, dead, ...
  bool running = false;
  std::int64_t pid = 0;  ///< 0 if not running
  std::int64_t exit_code = 0;
  bool oom_killed = false;
  std::string error;  ///< the engine's reason for a failed start
  std::int64_t restart_count = 0;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> started_at;  ///< nothing for Go's zero time
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> finished_at;
  HealthStatus health = HealthStatus::none;
  std::vector<std::string> health_log;  ///< output of the last probes, oldest first
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> addresses;        ///< network name -> IPv4 address while running
  std::map<std::string, std::string> fixed_addresses;  ///< network name -> IPAMConfig.IPv4Address
  std::vector<PublishedPort> published_ports;          ///< as the engine bound them, while running
  bool tty = false;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::string image_name;                ///< as create was asked for it
  std::vector<std::string> command;      ///< what runs: the entrypoint and its arguments
  std::vector<std::string> environment;  ///< NAME=value, the image's too
  std::string working_directory;
  std::string user;
  std::string host_name;
  std::vector<MountPoint> mounts;
  std::string restart_policy;  ///< open set: no, always, unless-stopped, on-failure; empty is no
  std::int64_t restart_most_times = 0;
  std::string network_mode;       ///< open set: a network's name, bridge, host, none, container:ID
  std::int64_t memory_bytes = 0;  ///< the limit; 0 is none
  std::int64_t nano_cpus = 0;     ///< the limit; 0 is none
  std::string storage_driver;
  std::optional<std::uint64_t> size_rw_bytes;       ///< its own layer; only if asked for
  std::optional<std::uint64_t> size_root_fs_bytes;  ///< with the image's layers; only if asked for
};

/// What costs the engine more to find out.
struct ContainerInspectOptions {
  bool size = false;  ///< let the engine walk the disk for the sizes
};
/// `id` may be a name. Errors: not_found.
boost::asio::awaitable<ContainerDetails> inspect_container(Engine& engine, ContainerId id,
                                                           ContainerInspectOptions options = {});
/// Like inspect_container, but nothing if there is none.
boost::asio::awaitable<std::optional<ContainerDetails>> find_container(Engine& engine, ContainerId id);

/// A container as the list shows it.
struct ContainerSummary {
  ContainerId id;
  std::string name;
  ImageId image;
  std::string state;
  std::string status;  ///< "Up 3 minutes (healthy)", for people
  std::map<std::string, std::string> labels;
  std::string image_name;  ///< as it was given at create
  std::string command;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::map<std::string, std::string> addresses;     ///< network name -> IPv4 address while running
  std::vector<PublishedPort> published_ports;       ///< as the engine bound them, while running
  std::optional<std::uint64_t> size_rw_bytes;       ///< only if asked for
  std::optional<std::uint64_t> size_root_fs_bytes;  ///< only if asked for
};
/// Lists containers, stopped ones too, that carry all of `labels` ("key" or "key=value"); one round trip
/// (G25).
boost::asio::awaitable<std::vector<ContainerSummary>> list_containers(Engine& engine,
                                                                      std::vector<std::string> labels);

/// Whether a call changed anything.
enum class Change { changed, already };  ///< already: the engine answered 304
/// From where to start.
struct StartOptions {
  std::string checkpoint;            ///< go on from there; see docker_api/checkpoints.hpp
  std::string checkpoint_directory;  ///< where it lies on the engine's host; empty: the container's own
};
/// Errors: not_found; refused with the runtime's reason (bad executable, address in use).
boost::asio::awaitable<Change> start_container(Engine& engine, ContainerId id, StartOptions options = {});
/// Sends the stop signal, kills after `timeout` (nothing: the container's own). Returns when it has exited.
boost::asio::awaitable<Change> stop_container(Engine& engine, ContainerId id,
                                              std::optional<std::chrono::seconds> timeout = {});
/// How to stop.
struct StopOptions {
  std::optional<std::chrono::seconds> timeout;  ///< before it is killed; nothing: the container's own
  std::string signal;                           ///< instead of its stop signal; needs API 1.42
};
/// The same with a choice of signal. Errors: unsupported.
boost::asio::awaitable<Change> stop_container(Engine& engine, ContainerId id, StopOptions options);
/// Errors: conflict if it is not running.
boost::asio::awaitable<void> kill_container(Engine& engine, ContainerId id, std::string signal = "SIGKILL");
/// Gives a container another name. Errors: not_found, conflict if the name is taken.
boost::asio::awaitable<void> rename_container(Engine& engine, ContainerId id, std::string new_name);
/// Changes the restart policy of an existing container. Shape: POST /containers/{id}/update.
boost::asio::awaitable<void> update_restart_policy(Engine& engine, ContainerId id, RestartPolicy policy);

/// What goes with the container.
struct RemoveOptions {
  bool force = false;  ///< kill it first
  bool anonymous_volumes = true;
};
/// Whether there was anything to remove.
enum class ContainerRemoval { removed, was_absent };
/// Idempotent: absent is success, and so is "removal already in progress" once it is gone (G22).
boost::asio::awaitable<ContainerRemoval> remove_container(Engine& engine, ContainerId id,
                                                          RemoveOptions options = {});

/// What is waited for; not_running is true already for a container that was not started.
enum class WaitCondition { not_running, next_exit, removed };
/// A wait whose headers have arrived: whatever the container does from now on will be seen (G20).
class ArmedWait {
 public:
  /// Takes over an answer whose head has arrived; arm_wait() makes one.
  explicit ArmedWait(ResponseStream stream);
  /// The exit code. Errors: in_stream with the engine's text, truncated.
  boost::asio::awaitable<std::int64_t> result();

 private:
  ResponseStream stream_;
};
/// Arms a wait before the container is started. No deadline unless the caller cancels.
boost::asio::awaitable<ArmedWait> arm_wait(Engine& engine, ContainerId id, WaitCondition condition);

/// Which part of a log.
struct LogOptions {
  bool follow = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail;  ///< lines from the end; nothing: all
  std::string since;                 ///< UNIX seconds, may have a fraction; empty: from the start
  std::string until;                 ///< the same; empty: to the end
  bool stdout_stream = true;
  bool stderr_stream = true;
  bool details = false;     ///< each line begins with the log driver's labels and variables, "a=b,c=d "
  std::optional<bool> tty;  ///< if known; otherwise asked with an inspect where the engine does not tell (G8)
};

/// A container's log, read piece by piece.
///
/// Ends: as ProcessStream.
class LogReader {
 public:
  /// Reads the body of an answer whose status was 200; open_logs() makes one.
  LogReader(ResponseStream stream, bool multiplexed);
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;
  ~LogReader();
  /// The next piece (not line), valid until the next call; nothing at the end. Errors: truncated, protocol,
  /// in_stream, cancelled.
  boost::asio::awaitable<std::optional<LogPiece>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
/// Opens a container's log; with `follow` it ends when the container does. Errors: not_found,
/// invalid_argument.
boost::asio::awaitable<LogReader> open_logs(Engine& engine, ContainerId id, LogOptions options);

/// Hands each piece of a container's log to `sink`, to its end.
boost::asio::awaitable<void> read_logs(Engine& engine, ContainerId id, LogOptions options,
                                       LogDemultiplexer::Sink sink);

}  // namespace halcyon::docker_api
