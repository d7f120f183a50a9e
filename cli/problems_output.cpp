#include "cli/problems_output.hpp"

#include <nlohmann/json.hpp>

namespace halcyon::cli {

using nlohmann::ordered_json;

std::string problem_lines(const std::vector<orchestrator::Problem>& problems, const std::string& file) {
  std::string result;
  for (const orchestrator::Problem& problem : problems) {
    result += to_string(problem, file) + '\n';
  }
  return result;
}

ordered_json problems_document(const std::vector<orchestrator::Problem>& problems, const std::string& file) {
  ordered_json result = ordered_json::array();
  for (const orchestrator::Problem& problem : problems) {
    result.push_back({{"file", file},
                      {"line", problem.line},
                      {"key", problem.key},
                      {"value", problem.value},
                      {"rule", problem.rule},
                      {"remedy", problem.remedy},
                      {"text", to_string(problem, file)}});
  }
  return result;
}

}  // namespace halcyon::cli
