#include "cli/result.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace halcyon::cli {

using nlohmann::ordered_json;

std::string outcome_line(Outcome outcome, std::string_view text) {
  std::string result = fmt::format("{:<8}  ", to_string(outcome));
  for (const char c : text) {
    result += c;
    if (c == '\n') {
      result.append(10, ' ');
    }
  }
  return result + '\n';
}

ordered_json begin_document(Outcome outcome) {
  return {{"success", is_success(outcome)}, {"outcome", to_string(outcome)}};
}

std::string to_text(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_line(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace halcyon::cli
