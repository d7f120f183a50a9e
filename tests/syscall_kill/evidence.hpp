// Everything the checker looks at, read once: on disk, in the engine, and from nginx over the wire.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness_lab.hpp"
#include "journal_on_disk.hpp"

namespace halcyon::syscall_kill {

/// Where to look; from the command line.
struct Scene {
  std::string app;
  std::string environment = "production";
  std::string state;     ///< the environment's directory
  std::string conf_dir;  ///< nginx's
  std::string host;      ///< that nginx knows the application by
  int nginx_port = 0;
  std::string engine_socket;
  int keep_releases = 2;
  std::string runs_file;                     ///< a line of JSON for each command that was run; see Run
  std::vector<std::string> journals_before;  ///< copies of the journal from before a command
  std::string seen_file;                     ///< arguments and environments at the moments of death
  std::string load_report_file;
  std::string secret;                   ///< a value that may stand in no place that others can read
  std::vector<std::string> bystanders;  ///< containers that are not ours, as ID=STARTED_AT
};

/// A command that was run, as whoever ran it saw it.
struct Run {
  std::string verb;
  int exit_code = -1;
  int signal = 0;
  json document;
  std::string err;
  std::vector<json> events;
};

struct NginxAnswer {
  int status = 0;
  std::string header;  ///< X-Halcyon; empty if another server block answers
  std::string error;
};

struct Evidence {
  Scene scene;
  JournalOnDisk journal;
  std::vector<Run> runs;
  std::string probe_token;
  std::vector<json> containers;  ///< inspections of all that carry the application's label or name
  std::vector<json> networks;
  NginxAnswer state;                 ///< what nginx says of itself
  std::vector<NginxAnswer> answers;  ///< of what serves, each over a connection of its own

  std::string path(const std::string& name) const { return scene.state + '/' + name; }
  /// `shop_production`
  std::string prefix() const { return scene.app + '_' + scene.environment; }
  json engine(const std::string& target) const;  ///< GET; null if it is not there
};

/// Errors: std::runtime_error if the engine cannot be asked.
Evidence gather(const Scene& scene);

/// The value of `name=` in a header such as `generation=12 gate=1 slot=green`.
std::string field_of(const std::string& header, const std::string& name);
std::string name_of_container(const json& inspection);
std::string label_of_container(const json& inspection, const std::string& name);

}  // namespace halcyon::syscall_kill
