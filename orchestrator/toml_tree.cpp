#include "orchestrator/toml_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "db/redacted_url.hpp"
#include "orchestrator/toml_plus_plus.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::size_t k_max_text_bytes = std::size_t{256} * 1024;
// toml++ recurses once for each part of a dotted key, without a bound: "[a.a.a" of 200 kB overflows the
// stack. Every level needs a dot, so counting them all, in strings and comments too, is a bound that nothing
// slips past.
constexpr std::ptrdiff_t k_max_dots = 10'000;
constexpr int k_max_depth = 16;
constexpr std::size_t k_max_shown = 60;

struct Position {
  int line = 0;
  int column = 0;
  auto operator<=>(const Position&) const = default;
};

Position position_of(const toml::node& node) {
  const auto begin = node.source().begin;
  return {static_cast<int>(begin.line), static_cast<int>(begin.column)};
}

template <class DateOrTime>
std::string date_text(const DateOrTime& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

void read_scalar(const toml::node& from, TomlNode& to) {
  if (const auto* text = from.as_string()) {
    to.kind = TomlKind::string;
    to.text = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.kind = TomlKind::integer;
    to.integer = integer->get();
  } else if (const auto* real = from.as_floating_point()) {
    to.kind = TomlKind::real;
    to.real = real->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = TomlKind::boolean;
    to.boolean = boolean->get();
  } else {
    to.kind = TomlKind::date;
    if (const auto* date = from.as_date()) to.text = date_text(date->get());
    if (const auto* time = from.as_time()) to.text = date_text(time->get());
    if (const auto* date_time = from.as_date_time()) to.text = date_text(date_time->get());
  }
}

TomlNode to_tree(const toml::node& from, std::string key, std::string path, int depth);

void read_table(const toml::table& table, TomlNode& to, int depth) {
  std::vector<std::pair<Position, TomlNode>> members;
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const std::string shown = escaped_text(name);
    const std::string path = to.path.empty() ? shown : to.path + "." + shown;
    members.emplace_back(position_of(value), to_tree(value, name, path, depth + 1));
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  for (auto& member : members) to.children.push_back(std::move(member.second));
}

TomlNode to_tree(const toml::node& from, std::string key, std::string path, int depth) {
  TomlNode node;
  node.key = std::move(key);
  node.path = std::move(path);
  node.line = position_of(from).line;
  if (const auto* table = from.as_table()) {
    node.kind = TomlKind::table;
    if (depth < k_max_depth) read_table(*table, node, depth);
  } else if (const auto* array = from.as_array()) {
    node.kind = TomlKind::array;
    for (std::size_t i = 0; depth < k_max_depth && i < array->size(); ++i)
      node.children.push_back(to_tree((*array)[i], {}, fmt::format("{}[{}]", node.path, i), depth + 1));
  } else {
    read_scalar(from, node);
  }
  return node;
}

std::string shown_array(const TomlNode& array) {
  std::string text = "[";
  for (const TomlNode& item : array.children) {
    if (text.size() > k_max_shown) return text + ", ...]";
    if (text.size() > 1) text += ", ";
    text += shown_value(item);
  }
  return text + "]";
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view child_key) const noexcept {
  if (kind != TomlKind::table) return nullptr;
  for (const TomlNode& child : children)
    if (child.key == child_key) return &child;
  return nullptr;
}

TomlNode parse_toml(std::string_view text, std::vector<Problem>& problems) {
  TomlNode root;
  const auto refuse = [&](std::string value, std::string rule) {
    problems.push_back({"", std::move(value), std::move(rule), "give the path of halcyon.toml", 0});
    return root;
  };
  if (text.size() > k_max_text_bytes)
    return refuse(fmt::format("{} bytes", text.size()),
                  fmt::format("must be at most {} bytes", k_max_text_bytes));
  if (const auto dots = std::count(text.begin(), text.end(), '.'); dots > k_max_dots)
    return refuse(fmt::format("{} dots", dots), fmt::format("must hold at most {} dots", k_max_dots));
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    problems.push_back({"", "", "is not TOML: " + escaped_text(result.error().description()),
                        "correct the syntax of this line",
                        static_cast<int>(result.error().source().begin.line)});
    return root;
  }
  root = to_tree(result.table(), {}, {}, 0);
  root.line = 0;  // what the whole file lacks is in no line
  return root;
}

TomlNode merge_tables(const TomlNode& base, const TomlNode& overrides) {
  TomlNode merged = base;
  for (const TomlNode& change : overrides.children) {
    auto here = std::find_if(merged.children.begin(), merged.children.end(),
                             [&](const TomlNode& child) { return child.key == change.key; });
    if (here == merged.children.end()) {
      merged.children.push_back(change);
    } else if (here->kind == TomlKind::table && change.kind == TomlKind::table) {
      *here = merge_tables(*here, change);
    } else {
      *here = change;
    }
  }
  return merged;
}

std::string escaped_text(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F: terminals obey these too
      escaped += fmt::format("\\x{:02x}", next);
      ++i;
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\t') {
      escaped += "\\t";
    } else if (c == '\r') {
      escaped += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      escaped += fmt::format("\\x{:02x}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string shown_text(std::string_view with_passwords) {
  const std::string redacted = db::redact_urls(with_passwords);
  const std::string_view text = redacted;
  if (text.size() <= k_max_shown) return "\"" + escaped_text(text) + "\"";
  std::size_t end = k_max_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a UTF-8 letter
  return "\"" + escaped_text(text.substr(0, end)) + "...\"";
}

std::string shown_value(const TomlNode& node) {
  switch (node.kind) {
    case TomlKind::string:
      return shown_text(node.text);
    case TomlKind::integer:
      return std::to_string(node.integer);
    case TomlKind::real:
      return fmt::format("{}", node.real);
    case TomlKind::boolean:
      return node.boolean ? "true" : "false";
    case TomlKind::date:
      return node.text;
    case TomlKind::array:
      return shown_array(node);
    case TomlKind::table:
      return "a table";
  }
  return {};
}

}  // namespace halcyon::orchestrator
