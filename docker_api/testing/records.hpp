// What the fake engine remembers. Private to docker_api/testing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/testing/image.hpp"
#include "docker_api/testing/messages.hpp"
#include "docker_api/testing/program.hpp"

namespace halcyon::docker_api::fake {

/// A container's place in a network.
struct Endpoint {
  std::string fixed_address;
  std::vector<std::string> aliases;
  // Empty unless the container runs:
  std::string network_id;
  std::string endpoint_id;
  std::string address;
  std::string gateway;
  std::string mac;
  int prefix_bits = 0;
};

struct MountRecord {
  std::string type;
  std::string name;  ///< of a volume
  std::string source;
  std::string target;
  bool read_only = false;
  bool anonymous = false;
};

struct LogRecord {
  Time at;
  LogStream stream;
  std::string text;  ///< a line with its end
};

struct Probe {
  Time at;
  int exit_code = 0;
  std::string output;
};

enum class Status { created, running, paused, restarting, exited };

struct Container {
  std::string id;
  std::string name;
  std::string image_id;
  std::string image_name;
  Time created;
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::map<std::string, std::string> labels;
  std::string config_json;  ///< as inspect shows them
  std::string host_json;
  std::string network_mode;
  std::map<std::string, Endpoint> endpoints;  ///< by the network's name
  std::vector<MountRecord> mounts;
  std::map<std::string, File> files;
  std::string restart_policy;
  std::int64_t restart_most_times = 0;
  bool tty = false;
  bool open_stdin = false;
  bool auto_remove = false;
  bool has_healthcheck = false;

  Status status = Status::created;
  int pid = 0;
  int exit_code = 0;
  std::string error;
  std::optional<Time> started;
  std::optional<Time> finished;
  std::int64_t restart_count = 0;
  int starts = 0;
  bool stopped_by_hand = false;
  Health health = Health::starting;
  std::vector<Probe> probes;
  Program program;
  std::vector<LogRecord> log;
  std::string input;
  bool waits_for_input = false;
  bool input_ended = false;
  std::vector<std::string> execs;

  std::optional<Time> ends_at;
  std::optional<Time> health_at;
  std::optional<Time> restarts_at;

  bool is_running() const { return status == Status::running || status == Status::paused; }
};

struct Exec {
  std::string id;
  std::string container_id;
  std::vector<std::string> command;
  bool tty = false;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  bool started = false;
  bool running = false;
  std::optional<int> exit_code;
  int pid = 0;
  Program program;
  std::string input;
  std::shared_ptr<Stream> stream;
  std::optional<Time> ends_at;
};

struct StoredImage {
  std::string id;
  Image image;
  Time created;
  std::vector<std::string> names;    ///< "repository:tag", as people see them (short form)
  std::vector<std::string> digests;  ///< "repository@sha256:..."
};

struct Network {
  std::string id;
  std::string name;
  std::string driver = "bridge";
  std::string subnet;  ///< "10.1.0.0/24"; empty: none
  std::string gateway;
  std::string ip_range;
  bool subnet_was_given = false;
  bool predefined = false;
  bool internal = false;
  bool attachable = false;
  bool enable_ipv6 = false;
  Time created;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
};

struct Volume {
  std::string name;
  std::string driver = "local";
  Time created;
  bool anonymous = false;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
};

struct EventRecord {
  std::string type;
  std::string action;
  std::string actor;
  std::map<std::string, std::string> attributes;
  Time at;
};

}  // namespace halcyon::docker_api::fake
