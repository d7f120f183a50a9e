#include "orchestrator/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/error.hpp"
#include "orchestrator/toml_fields.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::size_t k_max_services = 14;  // with 8 fixed addresses in each of two slots they fit into a /24
constexpr std::size_t k_max_environments = 100;
// The bound leaves room for what is put behind it: two names of 40 and "gate", within the 200 of
// is_plain_path.
constexpr TextRule k_state_dir_rule{
    [](std::string_view text) noexcept { return text.size() <= 100 && is_plain_path(text); },
    "must be an absolute path of at most 100 bytes of [A-Za-z0-9._/+@~-], without '..' and '//'",
    "write a path such as \"/var/lib/halcyon\""};

/// The file's own tables while they are being read.
class Reading {
 public:
  Reading(const TomlNode& root, std::string base_directory, const EnvFilesOf& env_files,
          std::vector<Problem>& problems)
      : root_(root),
        reader_(root, problems),
        problems_(problems),
        shared_{
            .app = placeholder_name(),
            .services = {},
            .nginx = {},
            .place = {.base_directory = std::move(base_directory),
                      .state_directory = std::string(k_default_state_directory)},
            .keep_releases = Environment{.app = placeholder_name(), .name = placeholder_name()}.keep_releases,
            .env_files = env_files} {
    shared_.nginx.path = "nginx";
  }

  Configuration read(std::string file);

 private:
  void read_app();
  void read_services();
  void refuse_databases();
  void keep_at_most(std::size_t most, std::string_view what, std::string remedy, TomlNode& table);
  std::map<std::string, Environment> read_environments();

  const TomlNode& root_;
  TableReader reader_;
  std::vector<Problem>& problems_;
  SharedTables shared_;
};

Configuration Reading::read(std::string file) {
  read_app();
  if (const TomlNode* nginx = reader_.find_table("nginx")) shared_.nginx = *nginx;
  read_services();
  refuse_databases();
  Configuration configuration{std::move(file), shared_.app, read_environments()};
  reader_.report_unknown_keys();
  return configuration;
}

void Reading::read_app() {
  const TomlNode* app = reader_.find_table("app");
  if (app == nullptr) {
    if (root_.find("app") == nullptr)
      reader_.complain_missing("app.name", "is required", R"(write [app] and name = "shop")");
    return;
  }
  TableReader reader(*app, problems_);
  if (const TomlNode* name = reader.find("name"); name == nullptr) {
    reader.complain_missing("name", "is required", R"(write name = "shop")");
  } else if (name->kind != TomlKind::string) {
    reader.complain(*name, fmt::format("must be a name: {}", k_name_rule), R"(write name = "shop")");
  } else {
    shared_.app = name_or_problem(name->text, *name, problems_);
  }
  reader.read_text("state_dir", k_state_dir_rule, shared_.place.state_directory);
  read_keep_releases(reader, shared_.keep_releases);
  reader.report_unknown_keys();
}

void Reading::read_services() {
  if (const TomlNode* services = reader_.find_table("service")) shared_.services = *services;
  keep_at_most(k_max_services, "services", "move some of them to an application of their own",
               shared_.services);
  for (const TomlNode& service : shared_.services.children)
    if (service.kind != TomlKind::table)
      reader_.complain(service, "must be a table",
                       "write [service.NAME] with the keys of a service below it");
  const TomlNode* written = root_.find("service");
  if (shared_.services.children.empty() && (written == nullptr || written->kind == TomlKind::table))
    reader_.complain_missing("service", "is required: at least one service", "write [service.web]");
}

/// What is over the bound is complained about once and not read: later checks compare each with each.
void Reading::keep_at_most(std::size_t most, std::string_view what, std::string remedy, TomlNode& table) {
  if (table.children.size() <= most) return;
  problems_.push_back({table.path, fmt::format("{} {}", table.children.size(), what),
                       fmt::format("must hold at most {} {}", most, what), std::move(remedy), table.line});
  table.children.resize(most);
}

void Reading::refuse_databases() {
  const TomlNode* databases = reader_.find_table("database");
  if (databases == nullptr) return;
  for (const TomlNode& database : databases->children)
    problems_.push_back({database.path, "", "is not supported by this version",
                         fmt::format("remove [{}]; migrations and backups are not done yet", database.path),
                         database.line});
}

std::map<std::string, Environment> Reading::read_environments() {
  std::map<std::string, Environment> environments;
  const TomlNode* tables = reader_.find_table("environment");
  if (tables == nullptr || tables->children.empty()) {
    if (tables != nullptr || root_.find("environment") == nullptr)
      reader_.complain_missing("environment", "is required: at least one environment",
                               "write [environment.production] with its domain");
    check_shared_tables(shared_, problems_);
    return environments;
  }
  TomlNode kept = *tables;
  keep_at_most(k_max_environments, "environments", "move some of them to a file of their own", kept);
  for (const TomlNode& table : kept.children) {
    if (table.kind != TomlKind::table) {
      reader_.complain(table, "must be a table",
                       "write [environment.NAME] with the keys of an environment below it");
      continue;
    }
    const Name name = name_or_problem(table.key, table, problems_);
    environments.emplace(table.key, read_environment(name, table, shared_, problems_));
  }
  check_environments(environments, kept, problems_);
  return environments;
}

/// In the order of the file; what several environments inherit is said once.
void put_in_order(std::vector<Problem>& problems) {
  const auto place = [](const Problem& problem) { return std::tuple(problem.line == 0, problem.line); };
  std::sort(problems.begin(), problems.end(), [&](const Problem& left, const Problem& right) {
    return place(left) != place(right) ? place(left) < place(right) : left < right;
  });
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

[[noreturn]] void fail_to_read(const std::string& path, const std::string& why) {
  throw Error(Outcome::usage,
              fmt::format("cannot read the configuration {}: {}; name the right file with --config",
                          escaped_text(path), why));
}

}  // namespace

std::string_view to_string(ServiceKind kind) noexcept {
  return kind == ServiceKind::web ? "web" : "accessory";
}
std::string_view to_string(PullPolicy policy) noexcept {
  return policy == PullPolicy::missing ? "missing" : "never";
}
std::string_view to_string(NginxMode mode) noexcept {
  return mode == NginxMode::managed ? "managed" : "include";
}
std::string_view to_string(SwitchWay way) noexcept { return way == SwitchWay::flag ? "flag" : "reload"; }

std::string Environment::list_services() const {
  std::string names;
  for (const Service& service : services) names += (names.empty() ? "" : ", ") + service.name.text();
  return names;
}

const Service* Environment::find_service(std::string_view service_name) const noexcept {
  for (const Service& service : services)
    if (service.name.text() == service_name) return &service;
  return nullptr;
}

std::string to_string(const Problem& problem, std::string_view file) {
  std::string text =
      problem.line > 0 ? fmt::format("{}:{}: ", file, problem.line) : fmt::format("{}: ", file);
  if (!problem.key.empty()) text += problem.key + (problem.value.empty() ? " " : " = ");
  if (!problem.value.empty()) text += problem.value + ": ";
  return text + problem.rule + "; " + problem.remedy;
}

LoadedConfiguration parse_configuration(std::string_view text, std::string file, std::string base_directory,
                                        const EnvFilesOf& env_files) {
  LoadedConfiguration loaded;
  const TomlNode root = parse_toml(text, loaded.problems);
  if (loaded.problems.empty()) {
    Configuration configuration =
        Reading(root, std::move(base_directory), env_files, loaded.problems).read(std::move(file));
    if (loaded.problems.empty()) loaded.configuration = std::move(configuration);
  }
  put_in_order(loaded.problems);
  return loaded;
}

LoadedConfiguration load_configuration(const std::string& path, const EnvFilesOf& env_files) {
  constexpr std::size_t k_most_bytes = std::size_t{1024} * 1024;  // more than parse_toml takes
  std::error_code failure;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failure);
  if (failure) fail_to_read(path, failure.message());
  errno = 0;
  std::ifstream in(absolute, std::ios::binary);
  if (!in) fail_to_read(path, std::strerror(errno));
  std::string text(k_most_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) fail_to_read(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_configuration(text, path, absolute.lexically_normal().parent_path().string(), env_files);
}

}  // namespace halcyon::orchestrator
