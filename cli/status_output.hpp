// The state of environments, for people and for programs.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/error.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::cli {

std::string status_text(const orchestrator::Status& status, std::chrono::sys_seconds now);
/// Shape: {success, outcome, app, environment, installed, current_release, previous_release, interrupted,
/// busy,
///        services: [{name, kind, slot, state, health, image, digest, since, containers: [{name, state,
///        health, address, restarts}]}]}.
nlohmann::ordered_json status_document(const orchestrator::Status& status);
/// Shape: {success, outcome, app, environment, error}: an environment of several that could not be read.
nlohmann::ordered_json status_document(const Error& error, const orchestrator::Environment& environment);

}  // namespace halcyon::cli
