#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::deployed:
      return "deployed";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::aborted:
      return "aborted";
    case Outcome::usage:
      return "usage";
    case Outcome::needs_operator:
      return "needs_operator";
    case Outcome::unreachable:
      return "unreachable";
    case Outcome::busy:
      return "busy";
    case Outcome::rolled_back:
      return "rolled_back";
    case Outcome::check_failed:
      return "check_failed";
  }
  return "needs_operator";  // not a value of the enumeration: somebody must look
}

int exit_code(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::deployed:
    case Outcome::unchanged:
      return 0;
    case Outcome::aborted:
      return 1;
    case Outcome::usage:
      return 2;
    case Outcome::needs_operator:
      return 3;
    case Outcome::unreachable:
      return 4;
    case Outcome::busy:
      return 5;
    case Outcome::rolled_back:
      return 6;
    case Outcome::check_failed:
      return 7;
  }
  return 3;
}

}  // namespace halcyon::orchestrator
