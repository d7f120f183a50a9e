// The conditions that list, prune and events calls take.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace halcyon::docker_api {

/// Filter name -> accepted values: {{"label", {"a=b"}}, {"status", {"running", "paused"}}}. Values of one
/// name are alternatives (labels: all must match), names must all match. The set of names is open and the
/// engine's: one that it does not know is bad_request there.
using Filters = std::map<std::string, std::vector<std::string>>;

/// The query parameter for `filters`; nothing for none. Sends the list form, which every engine reads (G27).
std::vector<std::pair<std::string, std::string>> filter_query(const Filters& filters);

}  // namespace halcyon::docker_api
