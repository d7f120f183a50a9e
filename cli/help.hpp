// Help, written from the table of commands.
#pragma once

#include <string>

#include "cli/commands.hpp"

namespace halcyon::cli {

/// "halcyon promote ENV [SERVICE=]TAG|DIGEST... [--dry-run]"
std::string usage_line(const Command& command);
std::string help_text(const Command& command);
/// All commands and global options.
std::string help_text();
/// `text` as the result of a command.
Result help_result(const std::string& text);

}  // namespace halcyon::cli
