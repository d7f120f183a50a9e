#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/open_session.hpp"
#include "cli/report_output.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;

std::vector<const orchestrator::Environment*> list_wanted(const Arguments& arguments,
                                                          const orchestrator::Configuration& configuration) {
  if (arguments.has("ENV")) return {&find_environment(configuration, arguments.value("ENV"))};
  std::vector<const orchestrator::Environment*> wanted;
  for (const auto& [name, environment] : configuration.environments) {
    if (orchestrator::is_installed(environment)) wanted.push_back(&environment);
  }
  return wanted;
}

}  // namespace

/// One environment that does not come up does not keep the others down; the first failure is the outcome.
Result run_boot(const Arguments& arguments, Context& context) {
  const orchestrator::Configuration configuration = load_configuration(context);
  const auto wanted = list_wanted(arguments, configuration);
  OpenSession session(context);
  Result result;
  ordered_json documents = ordered_json::array();
  for (const orchestrator::Environment* environment : wanted) {
    const orchestrator::Report report =
        session.change(orchestrator::boot(session.in(*environment)), *environment);
    result.outcome = is_success(result.outcome) ? report.outcome : result.outcome;
    result.text += report_result(report, *environment).text;
    ordered_json document = report_document(report);
    document["environment"] = environment->name.text();
    documents.push_back(std::move(document));
  }
  if (wanted.empty()) result.text = "no environment of the configuration is installed on this host\n";
  ordered_json document = begin_document(result.outcome);
  document["environments"] = std::move(documents);
  result.json = to_text(document);
  return result;
}

}  // namespace halcyon::cli
