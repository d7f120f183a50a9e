#include "cli/doctor_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/amounts.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::Agreement;
using orchestrator::Diagnosis;
using orchestrator::Finding;
using orchestrator::Report;

std::string_view mark_of(Agreement agreement) {
  return agreement == Agreement::agrees ? "ok" : agreement == Agreement::differs ? "!!" : "??";
}

/// "  !!  containers        shop_... is exited", the remedy on a line of its own below.
std::string finding_lines(const Finding& finding, const std::string& environment) {
  std::string lines =
      fmt::format("  {}  {:<16}  {}\n", mark_of(finding.agreement), finding.subject, finding.text);
  if (finding.remedy.empty()) return lines;
  const std::string remedy = finding.repairable
                                 ? fmt::format("halcyon doctor {} --fix: {}", environment, finding.remedy)
                                 : finding.remedy;
  return lines + fmt::format("      {:<16}  {}\n", "", remedy);
}

std::string verdict_line(const Diagnosis& diagnosis) {
  const auto sound =
      std::count_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                    [](const Finding& finding) { return finding.agreement == Agreement::agrees; });
  const auto all = static_cast<std::ptrdiff_t>(diagnosis.findings.size());
  return sound == all ? fmt::format("{} {}: all {} checks agree with the journal\n", diagnosis.app,
                                    diagnosis.environment, all)
                      : fmt::format("{} {}: {} of {} checks do not agree\n", diagnosis.app,
                                    diagnosis.environment, all - sound, all);
}

Outcome outcome_after(const Diagnosis& diagnosis, const std::optional<Report>& repaired) {
  if (repaired && !is_success(repaired->outcome)) return repaired->outcome;
  return diagnosis.is_sound() ? Outcome::unchanged : Outcome::check_failed;
}

ordered_json findings_document(const Diagnosis& diagnosis) {
  ordered_json findings = ordered_json::array();
  for (const Finding& finding : diagnosis.findings) {
    findings.push_back({{"subject", finding.subject},
                        {"agreement", to_string(finding.agreement)},
                        {"text", finding.text},
                        {"remedy", finding.remedy},
                        {"repairable", finding.repairable}});
  }
  return findings;
}

}  // namespace

Result doctor_result(const Diagnosis& diagnosis, const std::optional<Report>& repaired) {
  Result result{.outcome = outcome_after(diagnosis, repaired)};
  if (repaired && !is_success(repaired->outcome)) {
    result.text = outcome_line(repaired->outcome, repaired->text);
  } else if (repaired) {
    result.text = repaired->text.empty() ? "" : repaired->text + '\n';
  }
  result.text += verdict_line(diagnosis);
  for (const Finding& finding : diagnosis.findings)
    result.text += finding_lines(finding, diagnosis.environment);
  ordered_json document = begin_document(result.outcome);
  document["app"] = diagnosis.app;
  document["environment"] = diagnosis.environment;
  document["findings"] = findings_document(diagnosis);
  if (repaired) {
    document["repair"] = repaired->text;
    document["notes"] = repaired->notes;
  }
  result.json = to_text(document);
  return result;
}

}  // namespace halcyon::cli
