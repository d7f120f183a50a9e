#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace halcyon::cli {
namespace {

/// "ENV", "[SERVICE...]", "[--tail N|all]": how the argument is written after the command.
std::string usage_word(const Argument& argument) {
  if (argument.is_option()) {
    std::string name(argument.name);
    std::replace(name.begin(), name.end(), ',', '|');
    return argument.value.empty() ? fmt::format("[{}]", name) : fmt::format("[{} {}]", name, argument.value);
  }
  const std::string_view word = argument.value.empty() ? argument.name : argument.value;
  switch (argument.count) {
    case Count::once:
      return std::string(word);
    case Count::at_most_once:
      return fmt::format("[{}]", word);
    case Count::any_number:
      return fmt::format("[{}...]", word);
    case Count::at_least_once:
      break;
  }
  return fmt::format("{}...", word);
}

/// "-f, --follow", "    --tail N|all", "ENV": how the argument is listed.
std::string listed_word(const Argument& argument) {
  if (!argument.is_option()) {
    return std::string(argument.value.empty() ? argument.name : argument.value);
  }
  const bool has_short = argument.name.find(',') != std::string_view::npos;
  const std::string names = has_short ? fmt::format("{}, {}", argument.name.substr(0, 2), argument.key())
                                      : fmt::format("    {}", argument.key());
  return argument.value.empty() ? names : fmt::format("{} {}", names, argument.value);
}

std::string list(const std::vector<Argument>& arguments) {
  std::string result;
  for (const Argument& argument : arguments) {
    result += fmt::format("  {:<28} {}\n", listed_word(argument), argument.help);
  }
  return result;
}

/// "0 deployed, unchanged; 1 aborted; ...": scripts tell outcomes apart by it.
std::string list_exit_codes() {
  std::string result;
  int last = -1;
  for (int number = 0; number <= static_cast<int>(Outcome::check_failed); ++number) {
    const auto outcome = static_cast<Outcome>(number);
    const int code = exit_code(outcome);
    const std::string separator = result.empty() ? "" : code == last ? ", " : "; ";
    result += separator + (code == last ? "" : fmt::format("{} ", code)) + std::string(to_string(outcome));
    last = code;
  }
  return result;
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string result = fmt::format("halcyon {}", command.name);
  for (const Argument& argument : command.arguments) {
    result += ' ' + usage_word(argument);
  }
  return result;
}

std::string help_text(const Command& command) {
  std::string result = fmt::format("{}\n\n  {}\n", usage_line(command), command.summary);
  if (!command.arguments.empty()) {
    result += fmt::format("\n{}", list(command.arguments));
  }
  return result +
         fmt::format("\nFor every command:\n{}\nExample:\n  {}\n", list(global_arguments()), command.example);
}

std::string group_help_text(std::string_view word) {
  const std::string beginning = fmt::format("{} ", word);
  std::string result;
  for (const Command& command : commands()) {
    if (command.name.starts_with(beginning)) {
      result += (result.empty() ? "" : "\n") + help_text(command);
    }
  }
  return result;
}

std::string help_text() {
  std::string result = "halcyon COMMAND ...: blue/green releases behind nginx, without losing a request\n\n";
  for (const Command& command : commands()) {
    result += fmt::format("  {:<16} {}\n", command.name, command.summary);
  }
  return result + fmt::format(
                      "\nFor every command:\n{}\nExit codes: {}\n"
                      "'halcyon help COMMAND' explains one command.\n",
                      list(global_arguments()), list_exit_codes());
}

Result help_result(const std::string& text) {
  nlohmann::ordered_json document = begin_document(Outcome::unchanged);
  document["help"] = text;
  return {Outcome::unchanged, text, to_text(document)};
}

}  // namespace halcyon::cli
