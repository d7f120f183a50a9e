// Reads typed values out of one TOML table and collects every problem instead of stopping at the first.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/toml_tree.hpp"

namespace halcyon::orchestrator {

/// What a text must be: the test, the rule in words ("must be ..."), and what to write instead.
struct TextRule {
  bool (*accepts)(std::string_view) noexcept;
  std::string_view rule;
  std::string_view remedy;
};

/// The bounds of a number, both included, with the same two texts as a TextRule.
struct NumberRule {
  std::int64_t least;
  std::int64_t most;
  std::string_view rule;
  std::string_view remedy;
};

/// One table being read. Every key that was asked for is known; report_unknown_keys() complains about the
/// others. A read_ function leaves its target alone when the key is absent or wrong, and says whether a value
/// was read.
class TableReader {
 public:
  TableReader(const TomlNode& table, std::vector<Problem>& problems) : table_(table), problems_(problems) {}

  /// The node of a key, which is known from now on; nullptr if absent.
  const TomlNode* find(std::string_view key);
  /// The same for a table; a problem if it is something else.
  const TomlNode* find_table(std::string_view key);

  bool read_text(std::string_view key, const TextRule& rule, std::string& target);
  /// A text, or an array of texts; a single text is an array of one.
  bool read_texts(std::string_view key, const TextRule& rule, bool one_is_enough,
                  std::vector<std::string>& target);
  bool read_number(std::string_view key, const NumberRule& rule, std::int64_t& target);
  bool read_flag(std::string_view key, bool& target);
  /// A duration of `least` to 24 h.
  bool read_duration(std::string_view key, std::chrono::milliseconds least,
                     std::chrono::milliseconds& target);
  bool read_size(std::string_view key, std::uint64_t least, std::uint64_t most, std::uint64_t& target);
  /// One of the words; the index of the word, or -1.
  int read_word(std::string_view key, const std::vector<std::string_view>& words);

  /// Complains about `node`, or about the key as missing.
  void complain(const TomlNode& node, std::string rule, std::string remedy);
  void complain_missing(std::string_view key, std::string rule, std::string remedy);
  void report_unknown_keys();

  const TomlNode& table() const noexcept { return table_; }
  std::vector<Problem>& problems() noexcept { return problems_; }

 private:
  const TomlNode& table_;
  std::vector<Problem>& problems_;
  std::vector<std::string_view> known_;
};

/// Complains that `key`, which is none of `known`, is unknown, and names the nearest.
void report_unknown(const TomlNode& node, const TomlNode& table, const std::vector<std::string_view>& known,
                    std::string_view what, std::vector<Problem>& problems);

}  // namespace halcyon::orchestrator
