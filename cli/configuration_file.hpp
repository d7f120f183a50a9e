// Which halcyon.toml is meant, and what is in it.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "orchestrator/configuration.hpp"

namespace halcyon::cli {

/// --config, else halcyon.toml in the current directory, else HALCYON_CONFIG.
///
/// Errors: Error usage if there is none of them.
std::string find_configuration_file(const Context& context);

/// Errors: Error usage with every problem of the file.
orchestrator::Configuration load_configuration(const Context& context,
                                               const orchestrator::EnvFilesOf& env_files = {});

/// Errors: Error usage naming the environments that there are.
const orchestrator::Environment& find_environment(const orchestrator::Configuration& configuration,
                                                  const std::string& name);

/// "production, staging".
std::string environment_names(const orchestrator::Configuration& configuration);

}  // namespace halcyon::cli
