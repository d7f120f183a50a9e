// What a command gives back, and the parts that all results share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "orchestrator/error.hpp"

namespace halcyon::cli {

using orchestrator::Outcome;

/// What a command found or did. program.cpp prints one of the two forms; only `logs` writes by itself.
struct Result {
  Outcome outcome = Outcome::unchanged;  ///< a command that only looks leaves things unchanged
  std::string text;                      ///< for people; lines end in '\n'
  std::string json;  ///< one document, without newline at its end; empty: nothing to print
};

inline bool is_success(Outcome outcome) noexcept { return exit_code(outcome) == 0; }

/// `aborted   text`, further lines of `text` below its first, ending in '\n'.
std::string outcome_line(Outcome outcome, std::string_view text);
/// {"success": ..., "outcome": ...}: how every document begins.
nlohmann::ordered_json begin_document(Outcome outcome);
/// Indented. Bytes that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::ordered_json& document);
/// On one line, ending in '\n': for events and log lines.
std::string to_line(const nlohmann::ordered_json& document);

}  // namespace halcyon::cli
