#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/releases_output.hpp"

namespace halcyon::cli {

Result run_releases(const Arguments& arguments, Context& context) {
  const orchestrator::Configuration configuration = load_configuration(context);
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  return releases_result(orchestrator::list_releases(environment), environment);
}

}  // namespace halcyon::cli
