// What --dry-run found out, for people and for programs.
#pragma once

#include "cli/result.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// Shape: {success, outcome, dry_run: true, plan: {release, from_release, reloads_nginx, creates, services,
///        steps}, notes, error}; `error` only if something stands in the way, and then its outcome.
Result plan_result(const orchestrator::Plan& plan, const orchestrator::Environment& environment);

}  // namespace halcyon::cli
