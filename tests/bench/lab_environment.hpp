// Where the lab and the programs are; tests/bench/run says it in environment variables.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "docker_api/engine_address.hpp"

namespace halcyon::bench {

struct LabEnvironment {
  docker_api::EngineAddress engine;  ///< DOCKER_HOST
  std::string engine_text;
  std::string registry;         ///< LAB_REGISTRY, "127.0.0.1:5000"
  std::string nginx_address;    ///< "127.0.0.1:20080"
  std::string build_directory;  ///< HALCYON_BENCH_BUILD
  std::string work_directory;   ///< HALCYON_BENCH_DIR: configuration, results
  int promotions = 0;           ///< HALCYON_BENCH_PROMOTIONS: of `traffic`
  int reload_promotions = 0;    ///< HALCYON_BENCH_RELOADS: of its peer
  int pairs = 0;                ///< HALCYON_BENCH_PAIRS: of `promotion`

  std::string program() const { return build_directory + "/cli/halcyon"; }
  std::string load_program() const { return build_directory + "/tests/lab/load"; }
  /// python_peer.py in the source tree.
  static std::string python_peer() { return HALCYON_PYTHON_PEER; }
  /// `halcyon --config ... ARGUMENTS`; the engine comes from DOCKER_HOST.
  std::vector<std::string> halcyon(const std::vector<std::string>& arguments) const;
};

/// Errors: std::runtime_error naming a variable that is missing or no number.
LabEnvironment read_lab_environment();

}  // namespace halcyon::bench
