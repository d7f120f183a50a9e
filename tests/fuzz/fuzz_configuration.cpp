// halcyon.toml: a configuration or problems, never both, never neither; what is shown of either is text for
// people.
#include "orchestrator/configuration.hpp"
#include "orchestrator/toml_tree.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

HALCYON_FUZZ_TARGET(configuration, input) {
  const LoadedConfiguration loaded = parse_configuration(input, "halcyon.toml", "/srv/shop");
  fuzz::require(loaded.configuration.has_value() == loaded.problems.empty(), "a configuration or problems");
  fuzz::require(loaded.problems.size() <= 10'000, "a bounded number of problems");
  for (const Problem& problem : loaded.problems) {
    const std::string text = to_string(problem, "halcyon.toml");
    fuzz::require(!problem.rule.empty() && !problem.remedy.empty(),
                  "a problem has a rule and a remedy: " + text);
    for (const char c : text)
      fuzz::require(static_cast<unsigned char>(c) >= ' ' && c != 0x7f, "one harmless line: " + text);
    fuzz::require(problem.value.size() <= 1'000, "values are shortened: " + text);
  }
  const std::string shown = shown_text(input);
  fuzz::require(shown.size() <= 1'000, "what is shown of a text is short");
  for (const char c : shown)
    fuzz::require(static_cast<unsigned char>(c) >= ' ' && c != 0x7f, "and harmless: " + shown);
  if (!loaded.configuration) return;
  for (const auto& [name, environment] : loaded.configuration->environments) {
    fuzz::require(name == environment.name.text(), "environments stand under their names");
    fuzz::require(!to_json_text(environment).empty() && !to_readable_text(environment).empty(),
                  "it can be shown");
  }
}
