// Rows of text in columns.
#pragma once

#include <string>
#include <vector>

namespace halcyon::cli {

/// Pads every column but the last to its widest cell; two spaces between columns, `indent` before every row.
std::string format_table(const std::vector<std::vector<std::string>>& rows, const std::string& indent = "");

}  // namespace halcyon::cli
