#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/error.hpp"
#include "cli/open_session.hpp"
#include "cli/status_output.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;

Result status_of_one(OpenSession& session, const Context& context,
                     const orchestrator::Environment& environment) {
  const orchestrator::Status status = session.ask(orchestrator::read_status(session.in(environment)));
  return {Outcome::unchanged, status_text(status, context.surroundings.now),
          to_text(status_document(status))};
}

/// One environment that cannot be read does not hide the others; the first failure is the outcome.
Result status_of_all(OpenSession& session, const Context& context,
                     const orchestrator::Configuration& configuration) {
  Result result;
  ordered_json documents = ordered_json::array();
  for (const auto& [name, environment] : configuration.environments) {
    try {
      const orchestrator::Status status = session.ask(orchestrator::read_status(session.in(environment)));
      documents.push_back(status_document(status));
      result.text += status_text(status, context.surroundings.now);
    } catch (const std::exception&) {
      const Error error = current_error(Outcome::aborted);
      result.outcome = is_success(result.outcome) ? error.outcome() : result.outcome;
      documents.push_back(status_document(error, environment));
      result.text += outcome_line(error.outcome(), environment.app.text() + ' ' + name + ": " + error.what());
    }
  }
  ordered_json document = begin_document(result.outcome);
  document["environments"] = std::move(documents);
  result.json = to_text(document);
  return result;
}

}  // namespace

Result run_status(const Arguments& arguments, Context& context) {
  const orchestrator::Configuration configuration = load_configuration(context);
  if (!arguments.has("ENV")) {
    OpenSession session(context);
    return status_of_all(session, context, configuration);
  }
  const orchestrator::Environment& environment = find_environment(configuration, arguments.value("ENV"));
  OpenSession session(context);
  return status_of_one(session, context, environment);
}

}  // namespace halcyon::cli
