// A TOML document as a plain tree that knows where every value was written. Keeps toml++ (seconds of compile
// time) in one .cpp file, keeps tables in the order of the file (toml++ sorts them), and survives merging: a
// value that came from an override still says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/configuration.hpp"

namespace halcyon::orchestrator {

enum class TomlKind { string, integer, real, boolean, date, array, table };

struct TomlNode {
  TomlKind kind = TomlKind::table;
  std::string key;  ///< the last part of the path, as given; empty for array items
  std::string
      path;  ///< "service.web.port", "service.web.routes[0]"; where it was written, also after merging
  int line = 0;
  std::string text;  ///< string: the value; date: as TOML writes it
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlNode> children;  ///< array items, or a table's members in the order of the file

  const TomlNode* find(std::string_view child_key) const noexcept;
};

/// Parses a document. Exactly one of the two is meaningful: on a syntax error `problems` gains one entry and
/// the returned table is empty.
TomlNode parse_toml(std::string_view text, std::vector<Problem>& problems);

/// `base` with every value of `overrides` in its place; tables are merged, everything else is replaced. A
/// result that is a table keeps the path and line of `base`.
TomlNode merge_tables(const TomlNode& base, const TomlNode& overrides);

/// A value as TOML would write it, shortened to fit a message, control characters escaped, passwords in URLs
/// replaced.
std::string shown_value(const TomlNode& node);
/// Text in quotes, shortened, control characters as \n or \x1b, passwords in URLs replaced.
std::string shown_text(std::string_view text);
/// The same without quotes, and not shortened: for keys.
std::string escaped_text(std::string_view text);

}  // namespace halcyon::orchestrator
