// The one error type of orchestrator, and the closed set of outcomes.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

/// How a command that changes an environment ended. The word and the exit code are the same everywhere:
/// terminal, JSON, releases.log.
enum class Outcome {
  deployed,        ///< 0: the wanted release serves
  unchanged,       ///< 0: it served already
  aborted,         ///< 1: something failed; the old release serves as before; nothing is left behind
  usage,           ///< 2: bad arguments or configuration; nothing was touched
  needs_operator,  ///< 3: cannot know or must not decide; the message names the next command
  unreachable,     ///< 4: engine or registry cannot be reached; nothing was touched
  busy,            ///< 5: another process changes this environment
  rolled_back,     ///< 6: it was switched, misbehaved, and the old release serves again
  check_failed,    ///< 7: the thing checked is bad
};

std::string_view to_string(Outcome outcome) noexcept;
int exit_code(Outcome outcome) noexcept;

/// Says what was attempted, what happened and what to do; carries the outcome it leads to.
///
/// Threads: immutable after construction.
class Error : public std::runtime_error {
 public:
  Error(Outcome outcome, const std::string& text) : std::runtime_error(text), outcome_(outcome) {}
  Outcome outcome() const noexcept { return outcome_; }

 private:
  Outcome outcome_;
};

}  // namespace halcyon::orchestrator
