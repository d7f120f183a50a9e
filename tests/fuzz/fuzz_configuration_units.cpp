// Durations, sizes and networks: what is understood is written as the same.
#include "orchestrator/address_plan.hpp"
#include "orchestrator/configuration_check.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

HALCYON_FUZZ_TARGET(configuration_units, input) {
  if (const auto duration = parse_duration(input)) {
    fuzz::require(*duration >= std::chrono::milliseconds(0) && *duration <= std::chrono::hours(24),
                  "0 to 24 h");
    fuzz::require(parse_duration(duration_text(*duration)) == duration,
                  "the same duration: " + duration_text(*duration));
  }
  if (const auto size = parse_size(input)) {
    fuzz::require(*size <= std::uint64_t{1} << 50U, "at most 1 PiB");
    const std::string text = size_text(*size);
    const bool is_plain = text.find_first_not_of("0123456789") == std::string::npos;
    fuzz::require(is_plain ? text == std::to_string(*size) : parse_size(text) == size,
                  "the same size: " + text);
  }
  if (const auto network = parse_ipv4_network(input)) {
    fuzz::require(network->prefix >= 0 && network->prefix <= 32 && network->overlaps(*network),
                  "a network overlaps itself");
  }
  if (is_private_subnet(input)) {
    fuzz::require(parse_ipv4_network(input).has_value(), "a subnet is a network");
    fuzz::require(is_ipv4(gateway_address(input)) && is_ipv4(slot_address(input, 14, Slot::green, 8)),
                  "with addresses");
  }
  if (is_request_target(input))  // goes into a request, never into nginx's configuration
    fuzz::require(input.find_first_of(" \t\r\n{}\"\\") == std::string_view::npos, "nothing that ends a line");
  if (is_route(input) || is_plain_path(input) || is_domain(input)) {
    fuzz::require(input.find_first_of(" \t\r\n;{}\"'\\$") == std::string_view::npos,
                  "nothing that means something to nginx");
  }
  fuzz::require(
      !is_mount_target(input) || (input.front() == '/' && input.find(':') == std::string_view::npos),
      "a path");
}
