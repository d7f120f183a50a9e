// What --dry-run found out, for people and for programs.
#pragma once

#include "cli/result.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// Shape: {success, outcome, plan: {release, from_release, reloads_nginx, services, steps}, error}; `error`
/// only if
///        something stands in the way, and then its outcome.
Result plan_result(const orchestrator::Plan& plan, const orchestrator::Environment& environment);

}  // namespace halcyon::cli
