// Suggestions for words that nobody knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halcyon::cli {

/// ", did you mean 'promote'?" or nothing if no word of `known` is near enough.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace halcyon::cli
