// Counting requests: never more than there are lines, and line by line it is the same count.
#include <algorithm>

#include "orchestrator/access_log.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using orchestrator::count_requests;

HALCYON_FUZZ_TARGET(access_log, input) {
  const auto count = count_requests(input);
  fuzz::require(count.failed <= count.total, "what failed is a part of all");
  fuzz::require(count.total <= static_cast<std::uint64_t>(std::count(input.begin(), input.end(), '\n')),
                "a request is a line");
  orchestrator::RequestCount sum;
  for (std::string_view rest = input; rest.find('\n') != std::string_view::npos;) {
    const std::size_t end = rest.find('\n') + 1;
    const auto one = count_requests(rest.substr(0, end));
    sum.total += one.total;
    sum.failed += one.failed;
    rest.remove_prefix(end);
  }
  fuzz::require(sum.total == count.total && sum.failed == count.failed, "each line counts for itself");
}
