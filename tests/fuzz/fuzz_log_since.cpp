// `logs --since`: what is understood is UNIX seconds, never before 1970.
#include "orchestrator/log_since.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;

HALCYON_FUZZ_TARGET(log_since, input) {
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'763'000'000)};
  const auto since = orchestrator::resolve_log_since(input, now);
  if (!since) return;
  fuzz::require(!since->empty() && since->find_first_not_of("0123456789.") == std::string::npos,
                "seconds: " + *since);
  fuzz::require(since->front() != '.' && since->back() != '.' && since->find('.') == since->rfind('.'),
                "one dot: " + *since);
  fuzz::require(orchestrator::resolve_log_since(*since, now) == since,
                "seconds stay what they are: " + *since);
}
