// Values that are right alone and wrong together.
#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"

namespace halcyon::orchestrator {
namespace {

/// The nginx locations a route becomes: "/api" stands for itself and for what is below "/api/".
std::vector<std::string> locations_of(const std::string& route) {
  if (route.ends_with('/')) return {route};
  return {"= " + route, route + "/"};
}

/// Where to point: the key itself if it was written, else the table it is missing from.
struct Place {
  std::string path;
  int line = 0;
};

Place place_of(const TomlNode& table, std::string_view key) {
  if (const TomlNode* node = table.find(key)) return {node->path, node->line};
  return {fmt::format("{}.{}", table.path, key), table.line};
}

std::string normalised_listen(const Nginx& nginx) {
  constexpr std::string_view k_any = "0.0.0.0:";
  return nginx.listen.starts_with(k_any) ? nginx.listen.substr(k_any.size()) : nginx.listen;
}

bool share_an_entrance(const Nginx& left, const Nginx& right) {
  const bool both_managed = left.mode == NginxMode::managed && right.mode == NginxMode::managed;
  return left.probe == right.probe || (both_managed && normalised_listen(left) == normalised_listen(right));
}

std::optional<std::string_view> shared_domain(const Environment& left, const Environment& right) {
  const auto others = split_words(right.domain);
  for (const std::string_view domain : split_words(left.domain))
    if (std::find(others.begin(), others.end(), domain) != others.end()) return domain;
  return std::nullopt;
}

/// An environment and its table, whose key tells it apart also if that is no name.
struct ReadEnvironment {
  const TomlNode* table;
  const Environment* environment;
};

void check_pair(const ReadEnvironment& left, const ReadEnvironment& right, std::vector<Problem>& problems) {
  const Environment& first = *left.environment;
  const Environment& second = *right.environment;
  if (const auto domain = shared_domain(first, second);
      domain && share_an_entrance(first.nginx, second.nginx)) {
    const Place place = place_of(*right.table, "domain");
    problems.push_back({place.path, shown_text(*domain),
                        fmt::format("must not be a domain of environment {} too, at the same address",
                                    shown_text(left.table->key)),
                        "give each environment a domain of its own, or another nginx.listen", place.line});
  }
  if (!first.subnet.empty() && first.subnet == second.subnet) {
    const Place place = place_of(*right.table, "subnet");
    problems.push_back(
        {place.path, shown_text(second.subnet),
         fmt::format("must not be the subnet of environment {} too", shown_text(left.table->key)),
         "give each environment a subnet of its own, or leave it out", place.line});
  }
}

/// In the order of the file, so that the later of two is the one to change.
std::vector<ReadEnvironment> in_file_order(const std::map<std::string, Environment>& environments,
                                           const TomlNode& table) {
  std::vector<ReadEnvironment> ordered;
  for (const TomlNode& node : table.children)
    if (const auto found = environments.find(node.key); found != environments.end())
      ordered.push_back({&node, &found->second});
  return ordered;
}

}  // namespace

void check_routes(const std::vector<ReadService>& services, std::vector<Problem>& problems) {
  std::map<std::string, const TomlNode*> owner_of;
  for (const auto& [table, service] : services) {
    for (const std::string& route : service->routes) {
      const TomlNode* owner = nullptr;
      for (const std::string& location : locations_of(route)) {
        const auto [place, is_new] = owner_of.emplace(location, table);
        if (!is_new) owner = place->second;
      }
      if (owner == nullptr) continue;
      const Place place = place_of(*table, "routes");
      problems.push_back({place.path, shown_text(route),
                          owner == table
                              ? std::string("must not hold the same route twice")
                              : fmt::format("must not be a route of service {} too", shown_text(owner->key)),
                          "give every web service of an environment routes of its own", place.line});
    }
  }
}

void check_environments(const std::map<std::string, Environment>& environments,
                        const TomlNode& environments_table, std::vector<Problem>& problems) {
  const auto ordered = in_file_order(environments, environments_table);
  for (std::size_t second = 1; second < ordered.size(); ++second)
    for (std::size_t first = 0; first < second; ++first)
      check_pair(ordered[first], ordered[second], problems);
}

}  // namespace halcyon::orchestrator
