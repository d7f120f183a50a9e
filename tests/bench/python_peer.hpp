// python3-docker, measured inside its own process by python_peer.py.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lab_environment.hpp"

namespace halcyon::bench {

/// Runs python_peer.py with the engine at `docker_host`; the figures it prints, by name.
/// Errors: std::runtime_error with what it said.
std::map<std::string, double> run_python_peer(const LabEnvironment& lab, const std::string& docker_host,
                                              const std::vector<std::string>& arguments);

}  // namespace halcyon::bench
