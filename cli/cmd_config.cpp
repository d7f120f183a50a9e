#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cli/amounts.hpp"
#include "cli/command_line.hpp"
#include "cli/configuration_file.hpp"
#include "cli/problems_output.hpp"

namespace halcyon::cli {
namespace {

using nlohmann::ordered_json;
using orchestrator::Configuration;
using orchestrator::Environment;

std::vector<std::string> service_names(const Configuration& configuration) {
  std::set<std::string> names;
  for (const auto& [name, environment] : configuration.environments) {
    for (const orchestrator::Service& service : environment.services) {
      names.insert(service.name.text());
    }
  }
  return {names.begin(), names.end()};
}

Result invalid(const std::string& file, const std::vector<orchestrator::Problem>& problems) {
  const std::string text = fmt::format("{} has {}", file, counted(problems.size(), "problem"));
  ordered_json document = begin_document(Outcome::check_failed);
  document["file"] = file;
  document["error"] = text;
  document["problems"] = problems_document(problems, file);
  return {Outcome::check_failed, outcome_line(Outcome::check_failed, text) + problem_lines(problems, file),
          to_text(document)};
}

Result valid(const Configuration& configuration) {
  const std::vector<std::string> services = service_names(configuration);
  ordered_json document = begin_document(Outcome::unchanged);
  document["file"] = configuration.file;
  document["application"] = configuration.app.text();
  document["environments"] = ordered_json::array();
  for (const auto& [name, environment] : configuration.environments) {
    document["environments"].push_back(name);
  }
  document["services"] = services;
  document["problems"] = ordered_json::array();
  return {Outcome::unchanged,
          fmt::format("{} is valid: 1 application, {} ({}), {}\n", configuration.file,
                      counted(configuration.environments.size(), "environment"),
                      environment_names(configuration), counted(services.size(), "service")),
          to_text(document)};
}

}  // namespace

Result run_config_validate(const Arguments&, Context& context) {
  const std::string file = find_configuration_file(context);
  const orchestrator::LoadedConfiguration loaded = orchestrator::load_configuration(file, {.all = true});
  return loaded.configuration ? valid(*loaded.configuration) : invalid(file, loaded.problems);
}

Result run_config_show(const Arguments& arguments, Context& context) {
  const Configuration configuration = load_configuration(context);
  std::vector<const Environment*> shown;
  if (arguments.has("ENV")) {
    shown.push_back(&find_environment(configuration, arguments.value("ENV")));
  } else {
    for (const auto& [name, environment] : configuration.environments) {
      shown.push_back(&environment);
    }
  }
  std::string text;
  ordered_json document = begin_document(Outcome::unchanged);
  document["file"] = configuration.file;
  document["environments"] = ordered_json::object();
  for (const Environment* environment : shown) {
    text += (text.empty() ? "" : "\n") + to_readable_text(*environment);
    document["environments"][environment->name.text()] = ordered_json::parse(to_json_text(*environment));
  }
  return {Outcome::unchanged, text, to_text(document)};
}

}  // namespace halcyon::cli
