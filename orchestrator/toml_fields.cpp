#include "orchestrator/toml_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/configuration_check.hpp"

namespace halcyon::orchestrator {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::string quoted_alternatives(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += fmt::format("{}\"{}\"", text.empty() ? "" : " or ", word);
  return text;
}

}  // namespace

const TomlNode* TableReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return table_.find(key);
}

const TomlNode* TableReader::find_table(std::string_view key) {
  const TomlNode* node = find(key);
  if (node == nullptr || node->kind == TomlKind::table) return node;
  complain(*node, "must be a table", fmt::format("write it under a header of its own, [{}]", node->path));
  return nullptr;
}

bool TableReader::read_text(std::string_view key, const TextRule& rule, std::string& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  if (node->kind != TomlKind::string || !rule.accepts(node->text)) {
    complain(*node, std::string(rule.rule), std::string(rule.remedy));
    return false;
  }
  target = node->text;
  return true;
}

bool TableReader::read_texts(std::string_view key, const TextRule& rule, bool one_is_enough,
                             std::vector<std::string>& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const bool is_single = one_is_enough && node->kind == TomlKind::string;
  if (!is_single && node->kind != TomlKind::array) {
    complain(*node, "must be an array of texts", std::string(rule.remedy));
    return false;
  }
  std::vector<std::string> texts;
  bool good = true;
  const auto take = [&](const TomlNode& item) {
    if (item.kind == TomlKind::string && rule.accepts(item.text)) return texts.push_back(item.text);
    complain(item, std::string(rule.rule), std::string(rule.remedy));
    good = false;
  };
  if (is_single) take(*node);
  for (const TomlNode& item : node->children) take(item);
  if (good) target = std::move(texts);
  return good;
}

bool TableReader::read_number(std::string_view key, const NumberRule& rule, std::int64_t& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  if (node->kind != TomlKind::integer || node->integer < rule.least || node->integer > rule.most) {
    complain(*node, std::string(rule.rule), std::string(rule.remedy));
    return false;
  }
  target = node->integer;
  return true;
}

bool TableReader::read_flag(std::string_view key, bool& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  if (node->kind != TomlKind::boolean) {
    complain(*node, "must be true or false", "write true or false without quotes");
    return false;
  }
  target = node->boolean;
  return true;
}

bool TableReader::read_duration(std::string_view key, std::chrono::milliseconds least,
                                std::chrono::milliseconds& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto duration = node->kind == TomlKind::string ? parse_duration(node->text) : std::nullopt;
  const bool is_whole = duration && (least.count() < 1000 || duration->count() % 1000 == 0);
  if (!duration || *duration < least || !is_whole) {
    complain(*node, fmt::format("must be a duration of {} to 24h", duration_text(least)),
             least.count() < 1000
                 ? R"(write a whole number and a unit in quotes, such as "250ms", "5s" or "2m")"
                 : R"(write whole seconds and a unit in quotes, such as "5s" or "2m")");
    return false;
  }
  target = *duration;
  return true;
}

bool TableReader::read_size(std::string_view key, std::uint64_t least, std::uint64_t most,
                            std::uint64_t& target) {
  const TomlNode* node = find(key);
  if (node == nullptr) return false;
  const auto size = node->kind == TomlKind::string ? parse_size(node->text) : std::nullopt;
  if (!size || *size < least || *size > most) {
    complain(*node, fmt::format("must be a size of {} to {}", size_text(least), size_text(most)),
             least < k_kib * k_kib
                 ? R"(write a whole number and a unit in quotes, such as "64KiB", "256MiB" or "1GiB")"
                 : R"(write a whole number and a unit in quotes, such as "64MiB", "512MiB" or "1GiB")");
    return false;
  }
  target = *size;
  return true;
}

int TableReader::read_word(std::string_view key, const std::vector<std::string_view>& words) {
  const TomlNode* node = find(key);
  if (node == nullptr) return -1;
  const auto found = std::find(words.begin(), words.end(), node->text);
  if (node->kind == TomlKind::string && found != words.end()) return static_cast<int>(found - words.begin());
  complain(*node, "must be " + quoted_alternatives(words), "write one of these words in quotes");
  return -1;
}

void TableReader::complain(const TomlNode& node, std::string rule, std::string remedy) {
  problems_.push_back({node.path, shown_value(node), std::move(rule), std::move(remedy), node.line});
}

void TableReader::complain_missing(std::string_view key, std::string rule, std::string remedy) {
  const std::string path = table_.path.empty() ? std::string(key) : fmt::format("{}.{}", table_.path, key);
  problems_.push_back({path, "", std::move(rule), std::move(remedy), table_.line});
}

void TableReader::report_unknown_keys() {
  for (const TomlNode& child : table_.children)
    if (std::find(known_.begin(), known_.end(), child.key) == known_.end())
      report_unknown(child, table_, known_, "key", problems_);
}

void report_unknown(const TomlNode& node, const TomlNode& table, const std::vector<std::string_view>& known,
                    std::string_view what, std::vector<Problem>& problems) {
  const auto nearest = nearest_word(node.key, known);
  std::string remedy =
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("known here: {}", joined(known));
  // A misspelt key is one problem, not two: that the right one is missing follows from it.
  if (nearest && table.find(*nearest) == nullptr) {
    const std::string meant = node.path.substr(0, node.path.size() - node.key.size()) + std::string(*nearest);
    std::erase_if(problems, [&](const Problem& problem) {
      const bool is_meant = problem.key == meant || problem.key.starts_with(meant + '.');
      return is_meant && problem.rule.starts_with("is required");
    });
  }
  // The value of a key nobody knows may be a misplaced password.
  const std::string value = node.kind == TomlKind::table        ? ""
                            : looks_secret(node.key, node.text) ? "(not shown)"
                                                                : shown_value(node);
  problems.push_back(
      {node.path, value, fmt::format("is not a known {}", what), std::move(remedy), node.line});
}

}  // namespace halcyon::orchestrator
