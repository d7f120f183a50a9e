// The twelve invariants that hold whenever nothing runs, wherever a command was killed before.
//
// Source: shared notes on reliability, section 2.1.
#pragma once

#include <string>
#include <vector>

#include "evidence.hpp"

namespace halcyon::syscall_kill {

struct Finding {
  int number = 0;
  std::string looked_at;            ///< or why it does not apply
  std::vector<std::string> faults;  ///< none: it holds
  bool applies = true;
};

Finding upstream_is_a_proven_container(const Evidence& evidence);  // 1
Finding no_request_was_lost(const Evidence& evidence);             // 2
Finding one_promotion_at_a_time(const Evidence& evidence);         // 3
Finding everything_agrees(const Evidence& evidence);               // 4
Finding acknowledged_records_are_there(const Evidence& evidence);  // 5
Finding previous_can_be_started(const Evidence& evidence);         // 6
Finding nothing_waits_for_ever(const Evidence& evidence);          // 8
Finding success_is_told_rightly(const Evidence& evidence);         // 10
Finding no_secret_is_seen(const Evidence& evidence);               // 11
Finding nothing_is_left_behind(const Evidence& evidence);          // 12

}  // namespace halcyon::syscall_kill
