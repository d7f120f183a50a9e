// `config show`: one description of an environment, printed as JSON or as a halcyon.toml that means the same.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "db/database_url.hpp"
#include "db/redacted_url.hpp"
#include "orchestrator/configuration.hpp"
#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"

namespace halcyon::orchestrator {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  std::string key;
  Json value;
  bool is_default = false;
  bool is_remark = false;  ///< what no line of the file says; in the readable text it is a comment
};

/// The lines of one table.
struct Section {
  std::vector<std::string> path;       ///< in the JSON document; empty for the environment's own keys
  std::vector<std::string> file_path;  ///< in halcyon.toml
  std::vector<Line> lines;

  Section(std::vector<std::string> json_path, std::vector<std::string> toml_path)
      : path(std::move(json_path)), file_path(std::move(toml_path)) {}
  explicit Section(const std::vector<std::string>& both) : Section(both, both) {}

  template <class Value>
  void add(std::string key, const Value& value, const Value& default_value) {
    lines.push_back({std::move(key), shown(value), value == default_value});
  }
  template <class Value>
  void add_given(std::string key, const Value& value) {
    lines.push_back({std::move(key), shown(value), false});
  }

 private:
  template <class Value>
  static Json shown(const Value& value) {
    return value;
  }
  static Json shown(milliseconds value) { return duration_text(value); }
  static Json shown(seconds value) { return duration_text(value); }
};

constexpr std::string_view k_unlimited = "unlimited";

Json size_or_unlimited(std::uint64_t bytes) {
  return bytes == 0 ? Json(k_unlimited) : Json(size_text(bytes));
}

std::string mount_text(const VolumeMount& mount) {
  return fmt::format("{}:{}{}", mount.source, mount.target, mount.read_only ? ":ro" : "");
}

/// A library's caller may have filled in anything: what is not UTF-8 is replaced, not thrown about.
std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// [app] state_dir, of which the environment's state directory was made.
std::string state_dir(const Environment& environment) {
  return std::filesystem::path(environment.state_directory).parent_path().parent_path().string();
}

/// JSON may hold the control characters U+007F to U+009F as they are, TOML and terminals may not.
std::string toml_text(const std::string& json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const unsigned next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0;
    const bool is_c1 = byte == 0xc2 && next >= 0x80 && next <= 0x9f;
    if (byte == 0x7f || is_c1) {
      text += fmt::format("\\u{:04x}", is_c1 ? next : byte);
      if (is_c1) ++i;
    } else {
      text += json[i];
    }
  }
  return text;
}

std::string toml_line(const Line& line) {
  // An absent key is written by its absence: "" or "unlimited" would be refused.
  const auto* const word = line.value.get_ptr<const std::string*>();
  const bool is_empty =
      word != nullptr ? word->empty() || *word == k_unlimited : line.value.is_array() && line.value.empty();
  const bool is_absent = line.is_default && is_empty;
  return fmt::format("{}{} = {}{}\n", line.is_remark || is_absent ? "# " : "", line.key,
                     toml_text(dump(line.value, -1)), line.is_default ? "  # default" : "");
}

/// Only the text has it: in the JSON document the names are the environment's own.
std::string describe_app(const Environment& environment) {
  const std::string directory = state_dir(environment);
  return "[app]\n" + toml_line({"name", environment.app.text()}) +
         toml_line({"state_dir", directory, directory == k_default_state_directory});
}

Section describe_environment(const Environment& environment) {
  const Environment defaults{.app = environment.app, .name = environment.name};
  Section section({}, {"environment", environment.name.text()});
  section.add("domain", split_words(environment.domain), split_words(defaults.domain));
  section.add("subnet", environment.subnet, defaults.subnet);
  const std::string state_directory =
      fmt::format("{}/{}/{}", k_default_state_directory, environment.app.text(), environment.name.text());
  section.lines.push_back(
      {"state_directory", environment.state_directory, environment.state_directory == state_directory, true});
  section.add("keep_releases", environment.keep_releases, defaults.keep_releases);
  section.add("resolve_deadline", environment.resolve_deadline, defaults.resolve_deadline);
  section.add("pull_idle", environment.pull_idle, defaults.pull_idle);
  return section;
}

Section describe_nginx(const Nginx& nginx) {
  const Nginx defaults;
  Section section({"nginx"});
  section.lines.push_back({"mode", to_string(nginx.mode), nginx.mode == defaults.mode});
  section.lines.push_back({"switch", to_string(nginx.switch_way), nginx.switch_way == defaults.switch_way});
  section.add("listen", nginx.listen, defaults.listen);
  section.add("program", nginx.program, defaults.program);
  section.add("config", nginx.config, defaults.config);
  section.add("conf_dir", nginx.conf_dir, defaults.conf_dir);
  section.add("pid_file", nginx.pid_file, defaults.pid_file);
  section.add("probe", nginx.probe, default_probe(nginx));
  section.lines.push_back({"client_max_body", size_text(nginx.client_max_body_bytes),
                           nginx.client_max_body_bytes == defaults.client_max_body_bytes});
  section.add("proxy_read_timeout", nginx.proxy_read_timeout, defaults.proxy_read_timeout);
  section.add("upstream_keepalive", nginx.upstream_keepalive, defaults.upstream_keepalive);
  return section;
}

/// "--db-password=x" -> "--db-password=(not shown)"; a word that names nothing stays as it is.
std::string redact_word(std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view value = equals == std::string_view::npos ? word : word.substr(equals + 1);
  const std::string_view name =
      equals == std::string_view::npos ? std::string_view() : word.substr(0, equals);
  // The passwords of URLs are replaced already.
  const bool is_secret = looks_secret(name, value.find("://") == std::string_view::npos ? value : "");
  if (value.empty() || !is_secret) return std::string(word);
  return fmt::format("{}{}", word.substr(0, word.size() - value.size()), k_not_shown);
}

/// An option whose name says that its value, the next word, is secret.
bool announces_secret(std::string_view word) {
  return word.starts_with('-') && word.find('=') == std::string_view::npos && looks_secret(word, "");
}

/// Word by word: what a shell is given to run is one argument of many words.
std::vector<std::string> redacted(std::vector<std::string> arguments) {
  bool is_announced = false;
  for (std::string& argument : arguments) {
    const std::string urls = db::redact_urls(argument);
    std::string shown;
    for (std::size_t begin = 0; begin < urls.size();) {
      const std::size_t end = std::min(urls.find_first_of(" \t\n", begin), urls.size());
      const std::string_view word = std::string_view(urls).substr(begin, end - begin);
      if (!word.empty()) {
        shown += is_announced ? std::string(k_not_shown) : redact_word(word);
        is_announced = announces_secret(word);
      }
      if (end < urls.size()) shown += urls[end];
      begin = end + 1;
    }
    argument = std::move(shown);
  }
  return arguments;
}

Section describe_service(const Service& service) {
  Service defaults{.name = service.name};
  if (service.kind == ServiceKind::accessory) defaults.cap_drop.clear();
  Section section({"service", service.name.text()});
  section.lines.push_back({"kind", to_string(service.kind), service.kind == defaults.kind});
  section.add_given("image", service.image.to_string());
  section.lines.push_back({"pull", to_string(service.pull), service.pull == defaults.pull});
  if (service.kind == ServiceKind::web) {
    section.add_given("port", service.port);
    section.add("routes", service.routes, {"/"});
    section.add("replicas", service.replicas, defaults.replicas);
  }
  section.add("command", redacted(service.command), defaults.command);
  section.add("entrypoint", redacted(service.entrypoint), defaults.entrypoint);
  section.add("env_file", service.env_file, defaults.env_file);
  std::vector<std::string> volumes;
  volumes.reserve(service.volumes.size());
  for (const VolumeMount& mount : service.volumes) volumes.push_back(mount_text(mount));
  section.add("volumes", volumes, {});
  section.lines.push_back({"memory", size_or_unlimited(service.memory_bytes), service.memory_bytes == 0});
  const Json cpus =
      service.nano_cpus == 0 ? Json(k_unlimited) : Json(static_cast<double>(service.nano_cpus) / 1e9);
  section.lines.push_back({"cpus", cpus, service.nano_cpus == 0});
  const Json pids = service.pids_limit == 0 ? Json(k_unlimited) : Json(service.pids_limit);
  section.lines.push_back({"pids", pids, service.pids_limit == 0});
  section.add("user", service.user, defaults.user);
  section.add("read_only_root", service.read_only_root, defaults.read_only_root);
  section.add("cap_drop", service.cap_drop, defaults.cap_drop);
  section.add("cap_add", service.cap_add, defaults.cap_add);
  section.add("stop_signal", service.stop_signal, defaults.stop_signal);
  section.add("stop_timeout", service.stop_timeout, defaults.stop_timeout);
  if (service.kind == ServiceKind::web) section.add("drain_max", service.drain_max, defaults.drain_max);
  return section;
}

Section describe_gate(const Service& service, const std::string& domain) {
  const Gate defaults;
  const Gate& gate = service.gate;
  Section section({"service", service.name.text(), "gate"});
  section.add_given("path", gate.path);
  const auto domains = split_words(domain);
  const std::string host = domains.empty() ? std::string() : std::string(domains.front());
  section.lines.push_back(
      {"host", gate.host.empty() ? host : gate.host, gate.host.empty() || gate.host == host});
  section.add("status", gate.statuses, defaults.statuses);
  section.add("contains", gate.contains, defaults.contains);
  section.add("release_header", gate.release_header, defaults.release_header);
  section.add("successes", gate.successes, defaults.successes);
  section.add("interval", gate.interval, defaults.interval);
  section.add("request_timeout", gate.request_timeout, defaults.request_timeout);
  section.add("deadline", gate.deadline, defaults.deadline);
  return section;
}

Section describe_variables(const Service& service) {
  Section section({"service", service.name.text(), "env"});
  for (const auto& [name, value] : service.environment) {
    std::string shown = looks_secret(name, value) ? std::string(k_not_shown) : value;
    // Of a database's address everything but the password is worth seeing, unless its name says otherwise.
    if (!looks_secret(name, "") && db::parse_database_url(value).url) shown = db::redact_urls(value);
    section.add_given(name, shown);
  }
  return section;
}

std::vector<Section> describe(const Environment& environment) {
  std::vector<Section> sections{describe_environment(environment), describe_nginx(environment.nginx)};
  for (const Service& service : environment.services) {
    sections.push_back(describe_service(service));
    if (!service.environment.empty()) sections.push_back(describe_variables(service));
    if (service.kind == ServiceKind::web) sections.push_back(describe_gate(service, environment.domain));
  }
  return sections;
}

}  // namespace

std::string to_json_text(const Environment& environment) {
  Json json{{"app", environment.app.text()}, {"environment", environment.name.text()}};
  for (const Section& section : describe(environment)) {
    Json* table = &json;
    for (const std::string& key : section.path) table = &(*table)[key];
    for (const Line& line : section.lines) (*table)[line.key] = line.value;
  }
  return dump(json, 2) + "\n";
}

std::string to_readable_text(const Environment& environment) {
  std::string text = describe_app(environment);
  for (const Section& section : describe(environment)) {
    text += fmt::format("\n[{}]\n", fmt::join(section.file_path, "."));
    for (const Line& line : section.lines) text += toml_line(line);
  }
  return text;
}

}  // namespace halcyon::orchestrator
