#include "docker_api/testing/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

std::set<std::string> read_values(const json& values) {
  std::set<std::string> read;
  if (values.is_object()) {
    for (const auto& [value, is_on] : values.items()) read.insert(value);
  }
  if (values.is_array()) {
    for (const json& value : values) read.insert(value.get<std::string>());
  }
  return read;
}

bool has_label(const std::map<std::string, std::string>& labels, const std::string& wanted) {
  const std::size_t equals = wanted.find('=');
  const auto found = labels.find(wanted.substr(0, equals));
  if (found == labels.end()) return false;
  return equals == std::string::npos || found->second == wanted.substr(equals + 1);
}

}  // namespace

FilterMap read_filters(std::string_view parameter) {
  FilterMap filters;
  if (parameter.empty()) return filters;
  const json body = json::parse(parameter, nullptr, false);
  if (!body.is_object()) throw Refusal{500, "invalid character in the filters"};
  for (const auto& [key, values] : body.items()) filters[key] = read_values(values);
  return filters;
}

void require_known(const FilterMap& filters, std::initializer_list<std::string_view> known,
                   std::initializer_list<std::string_view> not_faked) {
  for (const auto& [key, values] : filters) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (std::find(not_faked.begin(), not_faked.end(), key) != not_faked.end()) {
      throw Refusal{501, fmt::format("the fake engine does not know the filter '{}'", key)};
    }
    throw Refusal{400, fmt::format("Invalid filter '{}'", key)};
  }
}

bool matches_exactly(const FilterMap& filters, const std::string& key, const std::string& value) {
  const auto found = filters.find(key);
  return found == filters.end() || found->second.empty() || found->second.contains(value);
}

bool matches_start(const FilterMap& filters, const std::string& key, const std::string& value) {
  const auto found = filters.find(key);
  if (found == filters.end() || found->second.empty()) return true;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&value](const std::string& start) { return value.starts_with(start); });
}

bool matches_labels(const FilterMap& filters, const std::string& key,
                    const std::map<std::string, std::string>& labels) {
  const auto found = filters.find(key);
  if (found == filters.end()) return true;
  return std::all_of(found->second.begin(), found->second.end(),
                     [&labels](const std::string& wanted) { return has_label(labels, wanted); });
}

bool matches_prune_labels(const FilterMap& filters, const std::map<std::string, std::string>& labels) {
  if (!matches_labels(filters, "label", labels)) return false;
  const auto unwanted = filters.find("label!");
  if (unwanted == filters.end()) return true;
  return std::none_of(unwanted->second.begin(), unwanted->second.end(),
                      [&labels](const std::string& label) { return has_label(labels, label); });
}

}  // namespace halcyon::docker_api::fake
