#include "cli/plan_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::Plan;
using orchestrator::PlannedService;

ordered_json plan_document(const Plan& plan) {
  ordered_json document = begin_document(plan.outcome);
  document["dry_run"] = true;
  ordered_json services = ordered_json::array();
  for (const PlannedService& service : plan.services) {
    services.push_back({{"name", service.name},
                        {"image", service.image},
                        {"digest", service.digest},
                        {"from_slot", service.from_slot},
                        {"to_slot", service.to_slot},
                        {"changed", service.changed},
                        {"pulled", service.pulled},
                        {"containers", service.containers},
                        {"kept", service.kept},
                        {"addresses", service.addresses}});
  }
  document["plan"] = {{"release", plan.release},
                      {"from_release", plan.from_release},
                      {"reloads_nginx", plan.reloads_nginx},
                      {"creates", plan.creates},
                      {"services", services},
                      {"steps", plan.steps}};
  document["notes"] = plan.notes;
  if (!is_success(plan.outcome)) {
    document["error"] = plan.text;
  }
  return document;
}

std::string service_lines(const PlannedService& service) {
  if (!service.changed) {
    return fmt::format("  {} stays as it is\n", service.name);
  }
  const std::string slots = service.from_slot.empty()
                                ? service.to_slot
                                : fmt::format("{} -> {}", service.from_slot, service.to_slot);
  std::string result = fmt::format("  {} {}  {}  {}, {}\n", service.name, slots, service.image,
                                   service.digest.empty() ? "no digest" : service.digest,
                                   service.pulled ? "pulled already" : "to be pulled");
  for (std::size_t i = 0; i < service.containers.size(); ++i) {
    const bool has_address = i < service.addresses.size();
    const bool is_kept =
        std::find(service.kept.begin(), service.kept.end(), service.containers[i]) != service.kept.end();
    result += fmt::format("    {} {}{}{}\n", is_kept ? "starts again" : "creates", service.containers[i],
                          has_address ? " at " : "", has_address ? service.addresses[i] : "");
  }
  return result;
}

std::string first_line(const Plan& plan, const std::string& environment) {
  if (plan.release.empty()) return fmt::format("would prepare {}, without a release\n", environment);
  if (plan.from_release.empty())
    return fmt::format("would bring {} into service as the first release of {}\n", plan.release, environment);
  return fmt::format("would bring {} into service in {} (now {})\n", plan.release, environment,
                     plan.from_release);
}

std::string plan_text(const Plan& plan, const std::string& environment) {
  if (plan.outcome == Outcome::unchanged) {
    return plan.from_release.empty()
               ? fmt::format("{} is prepared already; nothing would be done\n", environment)
               : fmt::format("{} serves {} already; nothing would be done\n", plan.from_release, environment);
  }
  std::string result = first_line(plan, environment);
  for (const std::string& thing : plan.creates) {
    result += fmt::format("  creates {}\n", thing);
  }
  for (const PlannedService& service : plan.services) {
    result += service_lines(service);
  }
  result += plan.reloads_nginx ? "  nginx would be reloaded\n" : "  nginx would not be reloaded\n";
  return result + fmt::format("  steps: {}\nnothing was changed\n", fmt::join(plan.steps, ", "));
}

}  // namespace

Result plan_result(const Plan& plan, const orchestrator::Environment& environment) {
  return {plan.outcome,
          is_success(plan.outcome) ? plan_text(plan, environment.name.text())
                                   : outcome_line(plan.outcome, plan.text),
          to_text(plan_document(plan))};
}

}  // namespace halcyon::cli
