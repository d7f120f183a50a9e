#include <fmt/format.h>

#include <algorithm>

#include "backup/durable_file.hpp"
#include "backup/error.hpp"
#include "orchestrator/configuration_check.hpp"
#include "orchestrator/configuration_parts.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_variable_rule = "must be a variable name of [A-Za-z_][A-Za-z0-9_]*";
constexpr std::uint64_t k_most_env_file_bytes = std::uint64_t{1} << 20;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// One line of an env file; knows where it is, and never repeats a value in an error.
class EnvLine {
 public:
  EnvLine(std::string_view text, const std::string& file, int number)
      : text_(text), file_(file), number_(number) {}

  std::optional<std::pair<std::string, std::string>> read() const;

 private:
  [[noreturn]] void fail(std::string_view rule) const {
    throw Error(Outcome::usage, fmt::format("{}:{}: {}", file_, number_, rule));
  }
  std::string read_value(std::string_view text) const;
  std::string read_quoted(std::string_view text) const;

  std::string_view text_;
  const std::string& file_;
  int number_;
};

std::optional<std::pair<std::string, std::string>> EnvLine::read() const {
  if (text_.find('\0') != std::string_view::npos)
    fail("there is a NUL in this line; no variable can hold one, so remove it");
  if (!is_utf8(text_)) fail("this line is not UTF-8, which the engine requires; save the file as UTF-8");
  std::string_view line = trimmed(text_);
  if (line.empty() || line.front() == '#') return std::nullopt;
  constexpr std::string_view k_export = "export";
  if (line.starts_with(k_export) && line.size() > k_export.size() && is_blank(line[k_export.size()]))
    line = trimmed(line.substr(k_export.size()));
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) fail("this line is not KEY=value; write it so, or put '#' before it");
  const std::string_view key = trimmed(line.substr(0, equals));
  if (!is_environment_variable_name(key))
    fail(fmt::format("what stands before '=' {}; correct the name", k_variable_rule));
  return std::pair(std::string(key), read_value(trimmed(line.substr(equals + 1))));
}

std::string EnvLine::read_value(std::string_view text) const {
  if (text.empty() || text.front() == '#') return {};
  if (text.front() == '"' || text.front() == '\'') return read_quoted(text);
  for (std::size_t i = 1; i < text.size(); ++i)
    if (text[i] == '#' && is_blank(text[i - 1])) return std::string(trimmed(text.substr(0, i)));
  return std::string(text);
}

std::string EnvLine::read_quoted(std::string_view text) const {
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      const std::string_view rest = trimmed(text.substr(i + 1));
      if (!rest.empty() && rest.front() != '#')
        fail("there is text after the closing quote; put the whole value in quotes");
      return value;
    }
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      const char escaped = text[++i];
      switch (escaped) {
        case 'n':
          value += '\n';
          break;
        case 'r':
          value += '\r';
          break;
        case 't':
          value += '\t';
          break;
        case '"':
        case '\\':
        case '$':
          value += escaped;
          break;
        default:
          value += {'\\', escaped};
          break;
      }
    } else {
      value += text[i];
    }
  }
  fail(R"(the quote is not closed on this line; close it, and write a line break inside "..." as \n)");
}

/// A later line for the same variable wins, as in a shell.
void put(std::vector<std::pair<std::string, std::string>>& variables,
         std::pair<std::string, std::string> variable) {
  const auto here = std::find_if(variables.begin(), variables.end(),
                                 [&](const auto& other) { return other.first == variable.first; });
  if (here != variables.end()) {
    here->second = std::move(variable.second);
  } else {
    variables.push_back(std::move(variable));
  }
}

template <class Take>
void for_each_line(std::string_view text, const std::string& file, const Take& take) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the byte order mark of Windows editors
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take(EnvLine(line, file, ++number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_env_file(std::string_view text,
                                                                const std::string& file) {
  std::vector<std::pair<std::string, std::string>> variables;
  for_each_line(text, file, [&](const EnvLine& line) {
    if (auto variable = line.read()) put(variables, std::move(*variable));
  });
  return variables;
}

std::vector<std::string> find_env_file_mistakes(std::string_view text, const std::string& file) {
  std::vector<std::string> mistakes;
  for_each_line(text, file, [&](const EnvLine& line) {
    try {
      line.read();
    } catch (const Error& error) {
      mistakes.emplace_back(error.what());
    }
  });
  return mistakes;
}

void check_env_file(const std::string& path, const TomlNode& node, std::vector<Problem>& problems) {
  const auto complain = [&](std::string rule, std::string remedy) {
    problems.push_back({node.path, shown_value(node), std::move(rule), std::move(remedy), node.line});
  };
  const std::string shown = escaped_text(path);
  try {
    const auto text = backup::read_file(path, k_most_env_file_bytes);
    if (!text)
      return complain(fmt::format("{} does not exist", shown), "create the file, or correct its path");
    for (const std::string& mistake : find_env_file_mistakes(*text, shown)) {
      const std::size_t remedy = mistake.rfind("; ");  // every refusal of EnvLine ends in one
      complain(mistake.substr(0, remedy), mistake.substr(remedy + 2));
    }
  } catch (const backup::Error& error) {
    complain(escaped_text(error.what()), "let the file be read by whoever runs halcyon, or correct its path");
  }
}

std::vector<std::pair<std::string, std::string>> read_env_table(const TomlNode* table,
                                                                std::vector<Problem>& problems) {
  std::vector<std::pair<std::string, std::string>> variables;
  if (table == nullptr) return variables;
  for (const TomlNode& node : table->children) {
    const auto complain = [&](std::string rule, std::string remedy) {
      problems.push_back(
          {node.path, std::string(k_not_shown), std::move(rule), std::move(remedy), node.line});
    };
    if (!is_environment_variable_name(node.key)) complain(std::string(k_variable_rule), "correct the name");
    if (node.kind == TomlKind::string && node.text.find('\0') == std::string::npos) {
      variables.emplace_back(node.key, node.text);
    } else if (node.kind == TomlKind::integer) {
      variables.emplace_back(node.key, std::to_string(node.integer));
    } else if (node.kind == TomlKind::boolean) {
      variables.emplace_back(node.key, node.boolean ? "true" : "false");
    } else {
      complain("must be text without NUL, a whole number, true or false", "write it as a text in quotes");
    }
  }
  return variables;
}

}  // namespace halcyon::orchestrator
