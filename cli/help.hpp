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
/// "config": all commands that begin with that word, one after the other; empty if none does.
std::string group_help_text(std::string_view word);
/// `text` as the result of a command.
Result help_result(const std::string& text);

}  // namespace halcyon::cli
