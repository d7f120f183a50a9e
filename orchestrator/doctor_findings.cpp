#include "orchestrator/doctor_findings.hpp"

#include <algorithm>

namespace halcyon::orchestrator {

std::string_view to_string(Agreement agreement) noexcept {
  switch (agreement) {
    case Agreement::agrees:
      return "agrees";
    case Agreement::differs:
      return "differs";
    case Agreement::unknown:
      break;
  }
  return "unknown";
}

bool Diagnosis::is_sound() const noexcept {
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.agreement == Agreement::agrees; });
}

}  // namespace halcyon::orchestrator
