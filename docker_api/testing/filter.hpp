// The `filters` parameter of list, prune and events calls. Private to docker_api/testing.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace halcyon::docker_api::fake {

using FilterMap = std::map<std::string, std::set<std::string>>;

/// Reads both forms that engines take: {"a":["b"]} and {"a":{"b":true}}. Errors: Refusal.
FilterMap read_filters(std::string_view parameter);
/// Errors: Refusal 400 "Invalid filter 'x'" for names that no engine knows, 501 for those that only this one
/// does not.
void require_known(const FilterMap& filters, std::initializer_list<std::string_view> known,
                   std::initializer_list<std::string_view> not_faked = {});

/// True if the filter is absent or holds the value.
bool matches_exactly(const FilterMap& filters, const std::string& key, const std::string& value);
/// True if the filter is absent or holds a start of the value.
bool matches_start(const FilterMap& filters, const std::string& key, const std::string& value);
/// True if all "key" and "key=value" of the filter are among the labels.
bool matches_labels(const FilterMap& filters, const std::string& key,
                    const std::map<std::string, std::string>& labels);
/// For prune: "label" and "label!".
bool matches_prune_labels(const FilterMap& filters, const std::map<std::string, std::string>& labels);

}  // namespace halcyon::docker_api::fake
