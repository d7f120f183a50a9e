// From an exception of any layer to what a person needs to know. One table, used by every operation.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {

struct Failure {
  Outcome outcome = Outcome::aborted;  ///< what it leads to if nothing had been touched yet
  std::string text;
  bool transient = false;  ///< trying again may work
  bool storage = false;    ///< a failed fsync: nothing may be changed any more
};

/// Describes the exception in `error`; `attempt` says what was being done ("pull web
/// 127.0.0.1:5000/shop/web:sha-1").
Failure describe(const std::exception_ptr& error, std::string_view attempt);

}  // namespace halcyon::orchestrator
