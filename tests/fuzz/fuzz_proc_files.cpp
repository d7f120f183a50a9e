// What the kernel lists: connections, locks, mounts. Bounded counts, and each line for itself.
#include <algorithm>

#include "orchestrator/environment_lock.hpp"
#include "orchestrator/nginx_files.hpp"
#include "orchestrator/socket_count.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace halcyon;
using namespace orchestrator;

HALCYON_FUZZ_TARGET(proc_files, input) {
  const auto lines = static_cast<std::uint64_t>(std::count(input.begin(), input.end(), '\n')) + 1;
  for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{8000}, std::uint16_t{0}})
    fuzz::require(count_established(input, port) <= lines, "a connection is a line");
  const std::string twice = std::string(input) + "\n" + std::string(input);
  if (input.starts_with("  sl"))  // with its first line, which both tables have
    fuzz::require(count_established(twice, 8000) <= 2 * count_established(input, 8000) + 1, "twice the text");
  is_locked(input, 131'074, {0xfd01, 1});
  find_mount_device(input, 29);
  if (const auto header = parse_probe_header(input))
    fuzz::require(header->upstreams.size() <= input.size() && header->generation.size() <= input.size(),
                  "parts of the text");
  if (const auto header = parse_state_header(input)) {
    fuzz::require(!header->generation.empty() && !header->slots.contains(""), "no part has no name");
    std::string text = "generation=" + header->generation + (header->gate_readable ? " gate=1" : " gate=0");
    text += " slots=";
    for (const auto& [service, slot] : header->slots) text += service + ":" + slot + ",";
    const auto again = parse_state_header(text);
    fuzz::require(again && again->slots == header->slots, "what was read can be written and read again");
  }
}
