// What doctor found, for people and for programs.
#pragma once

#include <optional>

#include "cli/result.hpp"
#include "orchestrator/doctor.hpp"

namespace halcyon::cli {

/// `repaired`: how the repair went, if one was asked for. check_failed if something is left that differs.
Result doctor_result(const orchestrator::Diagnosis& diagnosis,
                     const std::optional<orchestrator::Report>& repaired);

}  // namespace halcyon::cli
