// What a command is, and the table of all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "cli/result.hpp"

namespace halcyon::cli {

class Arguments;

enum class Count { once, at_most_once, any_number, at_least_once };

/// One thing that can be written after a command: "ENV", or an option such as "-f,--follow".
struct Argument {
  std::string_view name;
  std::string_view value;  ///< what help calls the value of an option; empty: it takes none
  Count count = Count::at_most_once;
  std::string_view help;

  bool is_option() const noexcept { return name.front() == '-'; }
  bool takes_value() const noexcept { return !is_option() || !value.empty(); }
  /// How a command asks for it: "--follow", "ENV".
  std::string_view key() const noexcept { return name.substr(name.rfind(',') + 1); }
};

/// What a command's JSON document is.
enum class Document {
  its_own,
  report,  ///< of a change; it has the same members when nothing could be begun
};

struct Command {
  std::string_view name;  ///< "promote", "config show"
  std::string_view summary;
  std::vector<Argument> arguments;
  std::string_view example;
  Result (*run)(const Arguments& arguments, Context& context);
  Document document = Document::its_own;
};

/// All commands, in the order of help.
const std::vector<Command>& commands();
/// The options that every command takes, before or after its name.
const std::vector<Argument>& global_arguments();
/// nullptr if there is none of that name.
const Command* find_command(std::string_view name);

// One cmd_<verb>.cpp each.
Result run_install(const Arguments& arguments, Context& context);
Result run_promote(const Arguments& arguments, Context& context);
Result run_rollback(const Arguments& arguments, Context& context);
Result run_resume(const Arguments& arguments, Context& context);
Result run_status(const Arguments& arguments, Context& context);
Result run_releases(const Arguments& arguments, Context& context);
Result run_doctor(const Arguments& arguments, Context& context);
Result run_boot(const Arguments& arguments, Context& context);
Result run_logs(const Arguments& arguments, Context& context);
Result run_config_validate(const Arguments& arguments, Context& context);
Result run_config_show(const Arguments& arguments, Context& context);
Result run_version(const Arguments& arguments, Context& context);
Result run_help(const Arguments& arguments, Context& context);

}  // namespace halcyon::cli
