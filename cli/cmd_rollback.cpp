#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/error.hpp"
#include "cli/open_session.hpp"
#include "cli/plan_output.hpp"
#include "cli/report_output.hpp"
#include "docker_api/image_reference.hpp"

namespace halcyon::cli {
namespace {

/// The id of a release has the shape of a tag, too.
orchestrator::RollbackRequest parse_target(const std::string& to) {
  if (!to.empty() && !docker_api::is_tag(to) && !docker_api::is_digest(to)) {
    refuse_usage(
        fmt::format("--to {}: this is neither a release nor a tag nor a digest; 'halcyon releases ENV' lists "
                    "what there is",
                    to));
  }
  return {to};
}

}  // namespace

Result run_rollback(const Arguments& arguments, Context& context) {
  const orchestrator::RollbackRequest request = parse_target(arguments.value("--to"));
  const orchestrator::Configuration configuration = load_configuration(context);
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  OpenSession session(context);
  if (arguments.has("--dry-run")) {
    return plan_result(session.ask(orchestrator::plan_rollback(session.in(environment), request)),
                       environment);
  }
  return report_result(session.change(orchestrator::rollback(session.in(environment), request), environment),
                       environment);
}

}  // namespace halcyon::cli
