#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <stdexcept>

#include "cli/help.hpp"
#include "cli/nearest.hpp"

namespace halcyon::cli {
namespace {

struct Declared {
  const Argument* argument;
  CLI::Option* option;
};

/// One command, or one group of commands ("config"), as CLI11 knows it.
struct Verb {
  std::string name;
  const Command* command;  ///< nullptr: a group
  CLI::App* app;
  std::vector<Declared> declared;
};

std::vector<Declared> declare(CLI::App& app, const std::vector<Argument>& arguments) {
  std::vector<Declared> result;
  for (const Argument& argument : arguments) {
    const std::string name =
        argument.is_option() ? std::string(argument.name) : fmt::format("positional{}", result.size());
    CLI::Option* option = argument.takes_value() ? app.add_option(name) : app.add_flag(name);
    if (!argument.is_option() && argument.count != Count::once && argument.count != Count::at_most_once) {
      option->expected(CLI::detail::expected_max_vector_size);
    } else if (argument.takes_value()) {
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    result.push_back({&argument, option});
  }
  return result;
}

/// Whether words are missing or too many is found out here and not by CLI11: its messages cannot say what to
/// do.
CLI::App& add_app(CLI::App& parent, const std::string& name) {
  CLI::App& app = *parent.add_subcommand(name);
  app.set_help_flag();
  app.fallthrough();
  app.allow_extras();
  app.require_subcommand(0, 1);
  return app;
}

Verb& find_or_add_verb(std::vector<Verb>& verbs, CLI::App& parent, const std::string& name) {
  const auto found =
      std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.name == name; });
  if (found != verbs.end()) {
    return *found;
  }
  CLI::App& app = add_app(parent, name.substr(name.rfind(' ') + 1));
  verbs.push_back({name, nullptr, &app, {}});
  return verbs.back();
}

std::vector<Verb> add_verbs(CLI::App& root) {
  std::vector<Verb> verbs;
  for (const Command& command : commands()) {
    const std::string name(command.name);
    const std::size_t space = name.find(' ');
    CLI::App& parent =
        space == std::string::npos ? root : *find_or_add_verb(verbs, root, name.substr(0, space)).app;
    Verb& verb = find_or_add_verb(verbs, parent, name);
    verb.command = &command;
    verb.declared = declare(*verb.app, command.arguments);
  }
  return verbs;
}

std::string advice(const Command* command) {
  return command == nullptr ? "'halcyon help' lists all commands"
                            : fmt::format("'halcyon {} --help' explains it", command->name);
}

std::string explain_value(const Declared& one, const std::vector<std::string>& words) {
  const std::vector<std::string>& results = one.option->results();
  const std::string key(one.argument->key());
  if (!one.argument->takes_value()) {
    // `--dry-run=no` would be true for CLI11.
    const bool has_value =
        std::any_of(results.begin(), results.end(), [](const auto& value) { return value != "true"; });
    return has_value ? fmt::format("{} takes no value", key) : std::string();
  }
  // CLI11 takes `--dry-run` as the value of `--to`, and the next word as the value of `--to=`.
  const bool swallowed_option = std::any_of(results.begin(), results.end(), [](const std::string& value) {
    return value.empty() || value.front() == '-';
  });
  const bool is_last =
      !words.empty() && (words.back() == key || words.back() == one.argument->name.substr(0, 2));
  if (swallowed_option || is_last || std::find(words.begin(), words.end(), key + "=") != words.end()) {
    const std::string& last = results.empty() ? key : results.back();
    const bool is_number = last.size() > 1 && last[0] == '-' && last[1] >= '0' && last[1] <= '9';
    const std::string why = is_number ? fmt::format("; {} is none", last) : std::string();
    return fmt::format("{} needs a value: {} {}{}", key, key, one.argument->value, why);
  }
  return {};
}

std::string explain_values(const std::vector<Declared>& declared, const std::vector<std::string>& words,
                           const Command* command) {
  for (const Declared& one : declared) {
    const std::string problem = one.argument->is_option() ? explain_value(one, words) : std::string();
    if (!problem.empty()) {
      return problem + "; " + advice(command);
    }
  }
  return {};
}

std::string explain_unknown_option(const std::string& word, const Command* command) {
  std::vector<std::string> known;
  for (const std::vector<Argument>* arguments : {&command->arguments, &global_arguments()}) {
    for (const Argument& argument : *arguments) {
      if (argument.is_option()) {
        known.emplace_back(argument.key());
      }
    }
  }
  return fmt::format("{} has no option '{}'{}; {}", command->name, word,
                     did_you_mean(word.substr(0, word.find('=')), known), advice(command));
}

std::string explain_unknown_command(const std::string& name) {
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    known.emplace_back(command.name);
  }
  return fmt::format("there is no command '{}'{}; {}", name, did_you_mean(name, known), advice(nullptr));
}

std::string explain_extras(const std::vector<std::string>& extras, const Verb* verb) {
  const auto option =
      std::find_if(extras.begin(), extras.end(), [](const std::string& w) { return w[0] == '-'; });
  const Command* command = verb == nullptr ? nullptr : verb->command;
  if (command != nullptr && option != extras.end()) {
    return explain_unknown_option(*option, command);
  }
  if (command != nullptr) {
    return fmt::format("{} does not take '{}'; write: {}", command->name, extras.front(),
                       usage_line(*command));
  }
  const auto word =
      std::find_if(extras.begin(), extras.end(), [](const std::string& w) { return w[0] != '-'; });
  if (word == extras.end()) {
    return fmt::format("there is no option '{}'; {}", extras.front(), advice(nullptr));
  }
  return explain_unknown_command(verb == nullptr ? *word : verb->name + ' ' + *word);
}

std::string explain_missing(const Verb& verb) {
  if (verb.command == nullptr) {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
      if (command.name.starts_with(verb.name + ' ')) {
        names.emplace_back(command.name);
      }
    }
    return fmt::format("{} is not a command by itself; write one of: {}", verb.name, fmt::join(names, ", "));
  }
  for (const Declared& one : verb.declared) {
    const bool needed = one.argument->count == Count::once || one.argument->count == Count::at_least_once;
    const bool is_blank = one.option->count() == 1 && one.option->results().front().empty();
    if (needed && (one.option->count() == 0 || is_blank)) {
      const std::string_view called = one.argument->value.empty() ? one.argument->name : one.argument->value;
      return fmt::format("{} needs {}; write: {}", verb.command->name, called, usage_line(*verb.command));
    }
  }
  return {};
}

Arguments collect(const std::vector<Declared>& declared) {
  Arguments result;
  for (const Declared& one : declared) {
    result.declare(one.argument->key());
    for (const std::string& value : one.option->results()) {
      result.add(one.argument->key(), value);
    }
  }
  return result;
}

/// The deepest verb that was written.
const Verb* find_written(const std::vector<Verb>& verbs) {
  const Verb* result = nullptr;
  for (const Verb& verb : verbs) {
    if (verb.app->parsed() && (result == nullptr || verb.name.starts_with(result->name))) {
      result = &verb;
    }
  }
  return result;
}

void take_global(CommandLine& line, const Arguments& given) {
  line.options = {given.value("--config"), given.value("--host"),   given.has("--json"),
                  given.has("--quiet"),    given.has("--no-color"), given.has("--yes")};
  line.wants_help = given.has("--help");
  line.wants_version = given.has("--version");
}

std::string find_problem(CLI::App& root, const std::vector<Declared>& global, const Verb* verb,
                         const std::vector<std::string>& words) {
  const Command* command = verb == nullptr ? nullptr : verb->command;
  std::string problem = explain_values(global, words, command);
  if (problem.empty() && verb != nullptr) {
    problem = explain_values(verb->declared, words, command);
  }
  const std::vector<std::string> extras = root.remaining(true);
  if (problem.empty() && !extras.empty()) {
    problem = explain_extras(extras, verb);
  }
  return problem.empty() && verb != nullptr ? explain_missing(*verb) : problem;
}

}  // namespace

const std::vector<std::string>& Arguments::values(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    throw std::logic_error(fmt::format("the table of commands does not give this command '{}'", key));
  }
  return found->second;
}

CommandLine parse_command_line(const std::vector<std::string>& words) {
  CLI::App root;
  root.set_help_flag();
  root.allow_extras();
  root.require_subcommand(0, 1);
  const std::vector<Declared> global = declare(root, global_arguments());
  const std::vector<Verb> verbs = add_verbs(root);

  std::string unexplained;
  try {
    root.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    unexplained = fmt::format("{}; {}", error.what(), advice(nullptr));
  }
  const Verb* verb = find_written(verbs);
  CommandLine line;
  take_global(line, collect(global));
  // CLI11 stops at its first error, perhaps before it came to this.
  line.options.json = std::find(words.begin(), words.end(), "--json") != words.end();
  line.problem = find_problem(root, global, verb, words);
  if (line.problem.empty()) {
    line.problem = unexplained;
  }
  if (verb != nullptr && verb->command == nullptr) {
    line.group = verb->name;
  }
  if (verb != nullptr && verb->command != nullptr) {
    line.command = verb->command;
    line.arguments = collect(verb->declared);
  }
  return line;
}

}  // namespace halcyon::cli
