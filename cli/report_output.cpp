#include "cli/report_output.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/amounts.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::Report;
using orchestrator::ServiceReport;

ordered_json services_document(const Report& report) {
  ordered_json result = ordered_json::array();
  for (const ServiceReport& service : report.services) {
    result.push_back({{"name", service.name},
                      {"slot", service.slot},
                      {"image", service.image},
                      {"digest", service.digest},
                      {"image_id", service.image_id},
                      {"changed", service.changed}});
  }
  return result;
}

std::string who_serves(const Report& report, const std::string& environment) {
  if (report.release.empty()) {
    return fmt::format("{} is ready and waits for its first release: halcyon promote {} TAG", environment,
                       environment);
  }
  if (report.outcome == Outcome::unchanged) {
    return fmt::format("{} serves {} already", report.release, environment);
  }
  return report.previous_release.empty()
             ? fmt::format("{} serves {}", report.release, environment)
             : fmt::format("{} serves {} (was {})", report.release, environment, report.previous_release);
}

/// One service goes on the first line, several get a line each.
std::string changed_services(const Report& report) {
  std::vector<std::string> changed;
  for (const ServiceReport& service : report.services) {
    if (service.changed) {
      changed.push_back(service.slot.empty()
                            ? fmt::format("{} {}", service.name, service.image)
                            : fmt::format("{} {} {}", service.name, service.slot, service.image));
    }
  }
  if (changed.size() == 1) {
    return "  " + changed.front();
  }
  return changed.empty() ? std::string() : fmt::format("\n{}", fmt::join(changed, "\n"));
}

std::string times_and_requests(const Report& report) {
  const std::string ready =
      report.until_commit.count() > 0 ? fmt::format("ready after {}, ", for_people(report.until_commit)) : "";
  const std::string requests =
      report.requests.counted ? fmt::format("{} passed meanwhile, {} failed",
                                            counted(report.requests.total, "request"), report.requests.failed)
                              : "requests could not be counted";
  return fmt::format("{}done after {}; {}", ready, for_people(report.total), requests);
}

std::string success_text(const Report& report, const std::string& environment) {
  std::string text = who_serves(report, environment);
  if (report.outcome == Outcome::deployed) {
    text += changed_services(report) + '\n' + times_and_requests(report);
  }
  if (!report.text.empty()) {
    text += '\n' + report.text;
  }
  for (const std::string& url : report.urls) {
    text += '\n' + url;
  }
  return text;
}

}  // namespace

ordered_json report_document(const Report& report) {
  ordered_json document = begin_document(report.outcome);
  document["dry_run"] = false;
  document["promotion"] = report.promotion;
  document["release"] = report.release;
  document["previous_release"] = report.previous_release;
  document["services"] = services_document(report);
  document["steps"] = ordered_json::array();
  for (const orchestrator::StepReport& step : report.steps) {
    document["steps"].push_back(
        {{"id", step.id}, {"milliseconds", step.duration.count()}, {"result", step.result}});
  }
  document["requests"] = {{"total", report.requests.total},
                          {"failed", report.requests.failed},
                          {"counted", report.requests.counted}};
  document["until_commit_milliseconds"] = report.until_commit.count();
  document["milliseconds"] = report.total.count();
  document["notes"] = report.notes;
  document["urls"] = report.urls;
  if (!is_success(report.outcome)) {
    document["error"] = report.text;
  } else if (!report.text.empty()) {
    document["text"] = report.text;  // what a resume did, or found
  }
  return document;
}

Result report_result(const Report& report, const orchestrator::Environment& environment) {
  const std::string text =
      is_success(report.outcome) ? success_text(report, environment.name.text()) : report.text;
  return {report.outcome, outcome_line(report.outcome, text), to_text(report_document(report))};
}

}  // namespace halcyon::cli
