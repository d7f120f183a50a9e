// Counts the connections that a container still serves: what a drain waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

/// Counts established connections to `port` in the text of /proc/net/tcp or tcp6. Pure.
///
/// Source: proc(5): local address and state in hex, port in network order digits; state 01 is ESTABLISHED.
std::uint64_t count_established(std::string_view table, std::uint16_t port);

/// Counts them inside the network namespace of process `pid`, so that every client is seen: nginx on the
/// host, nginx in a container, and other containers.
///
/// Errors: nothing if the process is gone or may not be looked at.
std::optional<std::uint64_t> count_connections(std::int64_t pid, std::uint16_t port);

}  // namespace halcyon::orchestrator
