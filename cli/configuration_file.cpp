#include "cli/configuration_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/amounts.hpp"
#include "cli/error.hpp"

namespace halcyon::cli {
namespace {

constexpr const char* k_usual_file = "halcyon.toml";

}  // namespace

std::string find_configuration_file(const Context& context) {
  if (!context.options.config.empty()) {
    return context.options.config;
  }
  if (::access(k_usual_file, F_OK) == 0) {
    return k_usual_file;
  }
  std::string named = context.surroundings.variable("HALCYON_CONFIG");
  if (named.empty()) {
    refuse_usage(
        "there is no halcyon.toml in the current directory and HALCYON_CONFIG is not set; "
        "change to the directory that has it, or name it with --config FILE");
  }
  return named;
}

orchestrator::Configuration load_configuration(const Context& context,
                                               const orchestrator::EnvFilesOf& env_files) {
  const std::string file = find_configuration_file(context);
  orchestrator::LoadedConfiguration loaded = orchestrator::load_configuration(file, env_files);
  if (!loaded.configuration) {
    const std::size_t number = loaded.problems.size();
    throw Error(Outcome::usage,
                fmt::format("{} has {}, so nothing was done; correct {}, then try again", file,
                            counted(number, "problem"), number == 1 ? "it" : "them"),
                file, std::move(loaded.problems));
  }
  return *std::move(loaded.configuration);
}

const orchestrator::Environment& find_environment(const orchestrator::Configuration& configuration,
                                                  const std::string& name) {
  const auto found = configuration.environments.find(name);
  if (found == configuration.environments.end()) {
    refuse_usage(fmt::format("there is no environment '{}' in {}; it has {}", name, configuration.file,
                             environment_names(configuration)));
  }
  return found->second;
}

std::string environment_names(const orchestrator::Configuration& configuration) {
  std::string result;
  for (const auto& [name, environment] : configuration.environments) {
    result += (result.empty() ? "" : ", ") + name;
  }
  return result.empty() ? "none" : result;
}

}  // namespace halcyon::cli
