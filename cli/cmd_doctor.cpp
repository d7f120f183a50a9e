#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/doctor_output.hpp"
#include "cli/open_session.hpp"
#include "orchestrator/doctor.hpp"

namespace halcyon::cli {

Result run_doctor(const Arguments& arguments, Context& context) {
  const orchestrator::Configuration configuration = load_configuration(context);
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  OpenSession session(context);
  std::optional<orchestrator::Report> repaired;
  if (arguments.has("--fix")) {
    repaired = session.change(orchestrator::repair(session.in(environment)), environment);
  }
  const orchestrator::Diagnosis diagnosis = session.ask(orchestrator::diagnose(session.in(environment)));
  return doctor_result(diagnosis, repaired);
}

}  // namespace halcyon::cli
