#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/open_session.hpp"
#include "cli/report_output.hpp"

namespace halcyon::cli {

Result run_resume(const Arguments& arguments, Context& context) {
  const orchestrator::Configuration configuration = load_configuration(context);
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  OpenSession session(context);
  return report_result(session.change(orchestrator::resume(session.in(environment)), environment),
                       environment);
}

}  // namespace halcyon::cli
