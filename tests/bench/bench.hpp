// The parts of the benchmark. Each prints its figures and throws std::exception if it cannot measure.
#pragma once

#include <string>

#include "lab_environment.hpp"

namespace halcyon::bench {

/// `_ping` on a kept connection: our client against a raw write/read loop.
void measure_docker_api(const LabEnvironment& lab);
/// A promotion until COMMIT against create + start + first answer; then measure_processes.
void measure_promotion(const LabEnvironment& lab);
/// Memory, time and size of the program; `environment` is installed.
void measure_processes(const LabEnvironment& lab, const std::string& environment);
/// Requests lost by promotions under load: by flag, and by reload.
void measure_traffic(const LabEnvironment& lab);

}  // namespace halcyon::bench
