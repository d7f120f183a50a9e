#include "cli/program.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/colour.hpp"
#include "cli/command_line.hpp"
#include "cli/error.hpp"
#include "cli/help.hpp"
#include "cli/problems_output.hpp"
#include "cli/report_output.hpp"
#include "cli/terminal_text.hpp"

namespace halcyon::cli {
namespace {

/// `usage     there is no ...`, and below it one line for every problem of the configuration.
Result result_of(const Error& error, const CommandLine& line) {
  const bool is_report = line.command != nullptr && line.command->document == Document::report;
  nlohmann::ordered_json document = begin_document(error.outcome());
  if (is_report) document = report_document({.outcome = error.outcome()});
  if (is_report) document["dry_run"] = line.arguments.knows("--dry-run") && line.arguments.has("--dry-run");
  document["error"] = error.what();
  document["problems"] = problems_document(error.problems(), error.file());
  return {error.outcome(),
          outcome_line(error.outcome(), error.what()) + problem_lines(error.problems(), error.file()),
          to_text(document)};
}

Result run_line(const CommandLine& line, Context& context) {
  if (line.wants_help) {
    if (line.command != nullptr) return help_result(help_text(*line.command));
    return help_result(line.group.empty() ? help_text() : group_help_text(line.group));
  }
  if (line.wants_version) {
    return find_command("version")->run({}, context);
  }
  if (!line.problem.empty()) {
    refuse_usage(line.problem);
  }
  if (line.command == nullptr) {
    refuse_usage("no command was given; 'halcyon help' lists all commands");
  }
  return line.command->run(line.arguments, context);
}

/// Only what is not a success goes to standard error, so that `x=$(halcyon ...)` never takes a message for a
/// result.
void print(const Result& result, const Context& context) {
  if (context.options.json) {
    if (!result.json.empty()) {
      context.output.write(result.json + '\n');
    }
    return;
  }
  const bool succeeded = is_success(result.outcome);
  Output& output = succeeded ? context.output : context.error;
  const bool is_terminal =
      succeeded ? context.surroundings.output_is_terminal : context.surroundings.error_is_terminal;
  const std::string text = for_terminal(result.text, Lines::several);
  const std::string_view word = to_string(result.outcome);
  if (uses_colour(context, is_terminal) && text.starts_with(word)) {
    output.write(paint(word, succeeded ? Colour::green : Colour::red) + text.substr(word.size()));
  } else {
    output.write(text);
  }
}

int complain_about_output(const Context& context, Outcome outcome) {
  if (context.output.failure().empty()) {
    return exit_code(outcome);
  }
  context.error.write(fmt::format("halcyon: the result could not be written to standard output: {}\n",
                                  context.output.failure()));
  // What was done to an environment is worth more than where it could be told.
  return outcome == Outcome::unchanged ? exit_code(Outcome::aborted) : exit_code(outcome);
}

}  // namespace

int run_program(const std::vector<std::string>& words, const Surroundings& surroundings, Output& output,
                Output& error) noexcept {
  const CommandLine line = parse_command_line(words);
  Context context{surroundings, line.options, output, error};
  Result result;
  try {
    result = run_line(line, context);
  } catch (...) {
    result = result_of(current_error(Outcome::aborted), line);
  }
  print(result, context);
  return complain_about_output(context, result.outcome);
}

}  // namespace halcyon::cli
