// The problems of a configuration, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "orchestrator/configuration.hpp"

namespace halcyon::cli {

/// `halcyon.toml:7: service.web.port = 70000: must be ...`, one line each, not indented, so that editors find
/// them.
std::string problem_lines(const std::vector<orchestrator::Problem>& problems, const std::string& file);
/// Shape: [{file, line, key, value, rule, remedy, text}].
nlohmann::ordered_json problems_document(const std::vector<orchestrator::Problem>& problems,
                                         const std::string& file);

}  // namespace halcyon::cli
