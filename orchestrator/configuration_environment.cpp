#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/toml_fields.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr NumberRule k_keep_releases_rule{2, 1000, "must be 2 to 1000",
                                          "write at least 2: a rollback needs the release before"};
constexpr TextRule k_domain_rule{is_domain,
                                 "must be a host name, a name that begins with '*.', or an IPv4 address",
                                 R"(write one such as "shop.example.com")"};
constexpr TextRule k_subnet_rule{is_private_subnet, "must be the network address of a private IPv4 /24",
                                 R"(write one such as "10.201.7.0/24", or leave it out)"};

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// nginx's server_name: lower case, each once, in the order of the file.
void read_domain(TableReader& reader, Environment& environment) {
  std::vector<std::string> domains;
  const TomlNode* node = reader.find("domain");
  if (node == nullptr) return;
  if (!reader.read_texts("domain", k_domain_rule, true, domains)) return;
  if (domains.empty())
    return reader.complain(*node, "must hold at least one domain", std::string(k_domain_rule.remedy));
  if (domains.size() > 50) return reader.complain(*node, "must hold at most 50 domains", "use a '*.' domain");
  if (domains.front().starts_with('*'))
    return reader.complain(*node, "must not begin with a '*.' domain: the first is the one that is probed",
                           "write a full host name first");
  std::vector<std::string> seen;
  for (const std::string& domain : domains) {
    const std::string name = lower_case(domain);
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return reader.complain(*node, "must not hold a domain twice", "remove one of the two");
    seen.push_back(name);
    environment.domain += (environment.domain.empty() ? "" : " ") + name;
  }
}

/// A service only in an override is a misspelt one: it would start with half of what it needs.
void refuse_unknown_services(const TomlNode& overrides, const TomlNode& services,
                             std::vector<Problem>& problems) {
  std::vector<std::string_view> known;
  known.reserve(services.children.size());
  for (const TomlNode& service : services.children) known.push_back(service.key);
  for (const TomlNode& change : overrides.children)
    if (services.find(change.key) == nullptr) report_unknown(change, services, known, "service", problems);
}

void read_services(Environment& environment, const TomlNode& services, const ReadingPlace& place,
                   std::vector<Problem>& problems) {
  std::vector<const TomlNode*> tables;
  for (const TomlNode& table : services.children) {
    if (table.kind != TomlKind::table) continue;  // complained about where [service] was read
    environment.services.push_back(
        read_service(name_or_problem(table.key, table, problems), table, place, problems));
    tables.push_back(&table);
  }
  std::vector<ReadService> read;
  for (std::size_t i = 0; i < tables.size(); ++i) read.push_back({tables[i], &environment.services[i]});
  check_routes(read, problems);
}

TomlNode merged_services(TableReader& reader, const SharedTables& shared, std::vector<Problem>& problems) {
  const TomlNode* overrides = reader.find_table("service");
  if (overrides == nullptr) return shared.services;
  refuse_unknown_services(*overrides, shared.services, problems);
  TomlNode known = *overrides;
  std::erase_if(known.children, [&](const TomlNode& c) { return shared.services.find(c.key) == nullptr; });
  for (const TomlNode& change : known.children)
    if (change.kind != TomlKind::table)
      reader.complain(change, "must be a table", fmt::format("write [{}]", change.path));
  std::erase_if(known.children, [](const TomlNode& c) { return c.kind != TomlKind::table; });
  return merge_tables(shared.services, known);
}

bool has_web_service(const Environment& environment) {
  return std::any_of(environment.services.begin(), environment.services.end(),
                     [](const Service& service) { return service.kind == ServiceKind::web; });
}

}  // namespace

void read_keep_releases(TableReader& reader, int& target) {
  std::int64_t keep_releases = target;
  reader.read_number("keep_releases", k_keep_releases_rule, keep_releases);
  target = static_cast<int>(keep_releases);
}

Name placeholder_name() {
  return *Name::parse("placeholder");  // NOLINT(bugprone-unchecked-optional-access): the text is right
}

Name name_or_problem(std::string_view text, const TomlNode& node, std::vector<Problem>& problems) {
  if (auto name = Name::parse(text)) return *name;
  problems.push_back({node.path, shown_text(text), fmt::format("must be a name: {}", k_name_rule),
                      R"(write a name such as "shop" or "review-42")", node.line});
  return placeholder_name();
}

void check_shared_tables(const SharedTables& shared, std::vector<Problem>& problems) {
  Environment environment{.app = shared.app, .name = shared.app};
  read_nginx(shared.nginx, problems);
  ReadingPlace place = shared.place;
  place.reads_env_files = shared.env_files.all;
  read_services(environment, shared.services, place, problems);
}

Environment read_environment(const Name& name, const TomlNode& table, const SharedTables& shared,
                             std::vector<Problem>& problems) {
  Environment environment{.app = shared.app, .name = name};
  environment.state_directory =
      fmt::format("{}/{}/{}", shared.place.state_directory, shared.app.text(), name.text());
  environment.keep_releases = shared.keep_releases;
  TableReader reader(table, problems);
  read_domain(reader, environment);
  reader.read_text("subnet", k_subnet_rule, environment.subnet);
  read_keep_releases(reader, environment.keep_releases);
  reader.read_duration("resolve_deadline", milliseconds(1), environment.resolve_deadline);
  reader.read_duration("pull_idle", milliseconds(1), environment.pull_idle);
  const TomlNode* nginx = reader.find_table("nginx");
  environment.nginx =
      read_nginx(nginx == nullptr ? shared.nginx : merge_tables(shared.nginx, *nginx), problems);
  ReadingPlace place = shared.place;
  place.reads_env_files = shared.env_files.includes(name.text());
  read_services(environment, merged_services(reader, shared, problems), place, problems);
  if (table.find("domain") == nullptr && has_web_service(environment))
    reader.complain_missing("domain", "is required, because there is a web service",
                            std::string(k_domain_rule.remedy));
  reader.report_unknown_keys();
  return environment;
}

}  // namespace halcyon::orchestrator
