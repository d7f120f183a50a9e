// The releases of an environment, for people and for programs.
#pragma once

#include <vector>

#include "cli/result.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// Shape: {success, outcome, app, environment, releases: [{id, created_at, actor, current, previous, images:
/// {service:
///        image}, digests: {service: digest}}]}, newest first.
Result releases_result(const std::vector<orchestrator::ReleaseSummary>& releases,
                       const orchestrator::Environment& environment);

}  // namespace halcyon::cli
