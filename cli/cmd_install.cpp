#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/image_arguments.hpp"
#include "cli/open_session.hpp"
#include "cli/plan_output.hpp"
#include "cli/report_output.hpp"

namespace halcyon::cli {

Result run_install(const Arguments& arguments, Context& context) {
  const orchestrator::PromoteRequest request = parse_images(arguments.values("IMAGE"));
  const orchestrator::Configuration configuration =
      load_configuration(context, {.environment = arguments.value("ENV")});
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  OpenSession session(context);
  if (arguments.has("--dry-run")) {
    return plan_result(session.ask(orchestrator::plan_install(session.in(environment), request)),
                       environment);
  }
  return report_result(session.change(orchestrator::install(session.in(environment), request), environment),
                       environment);
}

}  // namespace halcyon::cli
