#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/error.hpp"
#include "cli/help.hpp"

namespace halcyon::cli {
Result run_help(const Arguments& arguments, Context&) {
  const std::vector<std::string>& words = arguments.values("COMMAND");
  if (words.empty()) {
    return help_result(help_text());
  }
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  const Command* command = find_command(name);
  if (command == nullptr) {
    const std::string group = group_help_text(name);
    if (!group.empty()) {
      return help_result(group);
    }
    refuse_usage(fmt::format("there is no command '{}' to explain; 'halcyon help' lists all commands", name));
  }
  return help_result(help_text(*command));
}

}  // namespace halcyon::cli
