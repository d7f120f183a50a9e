// The parts that parse_configuration() is put together from. Private to orchestrator/configuration*.cpp.
#pragma once

#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"
#include "orchestrator/toml_fields.hpp"
#include "orchestrator/toml_tree.hpp"

namespace halcyon::orchestrator {

/// What values are read relative to.
struct ReadingPlace {
  std::string base_directory;    ///< of halcyon.toml
  std::string state_directory;   ///< `app.state_dir`: no container may be given it
  bool reads_env_files = false;  ///< those of the environment that is being read
};

/// Reads [service.NAME], overrides already merged in. Problems are collected; the value is then worth
/// nothing.
Service read_service(const Name& name, const TomlNode& table, const ReadingPlace& place,
                     std::vector<Problem>& problems);
/// Reads [service.NAME.gate] of a web service; `table` may be nullptr.
Gate read_gate(const TomlNode* table, const TomlNode& service_table, std::vector<Problem>& problems);
/// Reads the array `volumes`; nullptr gives none.
std::vector<VolumeMount> read_volumes(const TomlNode* array, const ReadingPlace& place,
                                      std::vector<Problem>& problems);
/// Reads the table `env`; nullptr gives none. Values never get into a problem.
std::vector<std::pair<std::string, std::string>> read_env_table(const TomlNode* table,
                                                                std::vector<Problem>& problems);
/// Checks that the file `path`, named by `node`, can be read and is an env file.
void check_env_file(const std::string& path, const TomlNode& node, std::vector<Problem>& problems);
/// Reads [nginx], overrides already merged in.
Nginx read_nginx(const TomlNode& table, std::vector<Problem>& problems);
/// Where the host reaches what nginx listens on, if the file does not say it; IPv4 address and port.
std::string default_probe(const Nginx& nginx);

/// [service.*], [nginx] and the defaults of [app], before the overrides of one environment.
struct SharedTables {
  Name app;
  TomlNode services;
  TomlNode nginx;
  ReadingPlace place;
  int keep_releases;
  EnvFilesOf env_files;
};
/// Reads [environment.NAME], merging its overrides into the shared tables.
Environment read_environment(const Name& name, const TomlNode& table, const SharedTables& shared,
                             std::vector<Problem>& problems);
/// Checks the shared tables alone, for a file without environments: its other mistakes are not found one run
/// later.
void check_shared_tables(const SharedTables& shared, std::vector<Problem>& problems);
/// Reads the number `keep_releases` of [app] or of an environment.
void read_keep_releases(TableReader& reader, int& target);
/// Stands in for a name that has a problem of its own; never leaves these files.
Name placeholder_name();
/// The text as a name; if it is none, a problem at `node` and a placeholder.
Name name_or_problem(std::string_view text, const TomlNode& node, std::vector<Problem>& problems);

/// A service and the table it was read from, whose key tells it apart also if that is no name.
struct ReadService {
  const TomlNode* table;
  const Service* service;
};
/// What makes two services of one environment meet: two routes on one nginx location.
void check_routes(const std::vector<ReadService>& services, std::vector<Problem>& problems);
/// What makes two environments of one file meet: domain and address, or subnet.
void check_environments(const std::map<std::string, Environment>& environments,
                        const TomlNode& environments_table, std::vector<Problem>& problems);

}  // namespace halcyon::orchestrator
