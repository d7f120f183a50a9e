// How a promotion, rollback, installation or resumption ended, for people and for programs.
#pragma once

#include "cli/result.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

/// Shape: {success, outcome, dry_run: false, promotion, release, previous_release, services, steps, requests,
///        until_commit_milliseconds, milliseconds, notes, urls, error}; `error` only if it is not a success.
nlohmann::ordered_json report_document(const orchestrator::Report& report);
Result report_result(const orchestrator::Report& report, const orchestrator::Environment& environment);

}  // namespace halcyon::cli
