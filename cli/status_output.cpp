#include "cli/status_output.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/amounts.hpp"
#include "cli/table.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::ContainerStatus;
using orchestrator::ServiceStatus;
using orchestrator::Status;

ordered_json service_document(const ServiceStatus& service) {
  ordered_json containers = ordered_json::array();
  for (const ContainerStatus& container : service.containers) {
    containers.push_back({{"name", container.name},
                          {"state", container.state},
                          {"health", container.health},
                          {"address", container.address},
                          {"restarts", container.restarts}});
  }
  return {{"name", service.name},     {"kind", service.kind},     {"slot", service.slot},
          {"state", service.state},   {"health", service.health}, {"image", service.image},
          {"digest", service.digest}, {"since", service.since},   {"containers", containers}};
}

/// A single container that runs and never restarted says nothing that its service's row does not.
bool is_worth_a_line(const ServiceStatus& service, const ContainerStatus& container) {
  return service.containers.size() > 1 || container.state != "running" || container.restarts > 0;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string services_table(const Status& status, std::chrono::sys_seconds now) {
  std::vector<std::vector<std::string>> rows = {{"SERVICE", "SLOT", "STATE", "HEALTH", "UP", "IMAGE"}};
  std::vector<std::vector<std::string>> containers;
  for (const ServiceStatus& service : status.services) {
    rows.push_back({service.name, or_dash(service.kind == "accessory" ? service.kind : service.slot),
                    or_dash(service.state), or_dash(service.health),
                    service.since.empty() ? "-" : age_for_people(service.since, now),
                    or_dash(service.image)});
    for (const ContainerStatus& container : service.containers) {
      if (is_worth_a_line(service, container)) {
        containers.push_back({container.name, container.state, or_dash(container.health),
                              or_dash(container.address),
                              counted(static_cast<std::size_t>(container.restarts), "restart")});
      }
    }
  }
  return format_table(rows, "  ") + format_table(containers, "    ");
}

std::string headline(const Status& status) {
  if (!status.installed) {
    return fmt::format("not installed; 'halcyon install {} TAG' creates it", status.environment);
  }
  if (status.current_release.empty()) {
    return fmt::format("installed, no release yet; 'halcyon promote {} TAG' brings the first",
                       status.environment);
  }
  return status.previous_release.empty()
             ? status.current_release
             : fmt::format("{} (previous {})", status.current_release, status.previous_release);
}

}  // namespace

std::string status_text(const Status& status, std::chrono::sys_seconds now) {
  std::string result = fmt::format("{} {}: {}\n", status.app, status.environment, headline(status));
  if (!status.interrupted.empty()) {
    result += fmt::format("  {} was interrupted; 'halcyon resume {}' finishes or undoes it\n",
                          status.interrupted, status.environment);
  }
  if (!status.busy.empty()) {
    result += fmt::format("  being changed right now: {}\n", status.busy);
  }
  for (const std::string& problem : status.problems) result += fmt::format("  ! {}\n", problem);
  return status.services.empty() ? result : result + services_table(status, now);
}

ordered_json status_document(const Status& status) {
  ordered_json document = begin_document(Outcome::unchanged);
  document["app"] = status.app;
  document["environment"] = status.environment;
  document["installed"] = status.installed;
  document["current_release"] = status.current_release;
  document["previous_release"] = status.previous_release;
  document["interrupted"] = status.interrupted;
  document["busy"] = status.busy;
  document["problems"] = status.problems;
  document["services"] = ordered_json::array();
  for (const ServiceStatus& service : status.services) {
    document["services"].push_back(service_document(service));
  }
  return document;
}

ordered_json status_document(const Error& error, const orchestrator::Environment& environment) {
  ordered_json document = begin_document(error.outcome());
  document["app"] = environment.app.text();
  document["environment"] = environment.name.text();
  document["error"] = error.what();
  return document;
}

}  // namespace halcyon::cli
