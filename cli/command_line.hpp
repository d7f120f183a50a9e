// From the words of the command line to a command and its arguments. The only user of CLI11 is
// command_line.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/context.hpp"

namespace halcyon::cli {

/// What was written after a command. Asking for something that its table row does not have is a
/// std::logic_error.
class Arguments {
 public:
  void declare(std::string_view key) { values_[std::string(key)]; }
  void add(std::string_view key, std::string value) { values_[std::string(key)].push_back(std::move(value)); }

  bool has(std::string_view key) const { return !values(key).empty(); }
  /// False for what the command does not take; never throws.
  bool knows(std::string_view key) const { return values_.contains(key); }
  /// The last one given: "--tail 5 --tail 6" is 6. Empty if there is none.
  std::string value(std::string_view key) const { return has(key) ? values(key).back() : std::string(); }
  const std::vector<std::string>& values(std::string_view key) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct CommandLine {
  const Command* command = nullptr;  ///< nullptr: see `problem`, or only global options were given
  std::string group;  ///< "config": the first word of several commands, and no other was written
  Arguments arguments;
  GlobalOptions options;
  bool wants_help = false;
  bool wants_version = false;
  std::string problem;  ///< why nothing can be run; empty if all is well
};

/// Never throws for what the user wrote. Options that were understood are set even if there is a problem, so
/// that `--json` holds for the message about it.
CommandLine parse_command_line(const std::vector<std::string>& words);

}  // namespace halcyon::cli
