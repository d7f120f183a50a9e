#include "cli/releases_output.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/table.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::ReleaseSummary;

ordered_json releases_document(const std::vector<ReleaseSummary>& releases,
                               const orchestrator::Environment& environment) {
  ordered_json document = begin_document(Outcome::unchanged);
  document["app"] = environment.app.text();
  document["environment"] = environment.name.text();
  document["releases"] = ordered_json::array();
  for (const ReleaseSummary& release : releases) {
    document["releases"].push_back({{"id", release.id},
                                    {"created_at", release.created_at},
                                    {"actor", release.actor},
                                    {"current", release.current},
                                    {"previous", release.previous},
                                    {"images", release.images},
                                    {"digests", release.digests},
                                    {"problem", release.problem}});
  }
  return document;
}

std::string images_cell(const ReleaseSummary& release) {
  std::string result = release.problem;
  for (const auto& [service, image] : release.images) {
    result += fmt::format("{}{} {}", result.empty() ? "" : ", ", service, image);
  }
  return result;
}

}  // namespace

Result releases_result(const std::vector<ReleaseSummary>& releases,
                       const orchestrator::Environment& environment) {
  const std::string json = to_text(releases_document(releases, environment));
  if (releases.empty()) {
    const std::string& name = environment.name.text();
    return {Outcome::unchanged,
            fmt::format("{} has no release yet; 'halcyon promote {} TAG' brings the first\n", name, name),
            json};
  }
  std::vector<std::vector<std::string>> rows = {{"RELEASE", "", "CREATED", "BY", "IMAGES"}};
  for (const ReleaseSummary& release : releases) {
    rows.push_back({release.id,
                    release.current    ? "current"
                    : release.previous ? "previous"
                                       : "",
                    release.created_at, release.actor, images_cell(release)});
  }
  return {Outcome::unchanged, format_table(rows), json};
}

}  // namespace halcyon::cli
