// From when on logs are wanted, as the engine takes it. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::orchestrator {

/// "10m", "1h30m", "2d": that long before `now`; RFC 3339 with any offset; UNIX seconds, with or without a
/// fraction. Nothing for any other text.
///
/// Shape:  UNIX seconds, with a fraction of three digits if there is one: what the engine takes as `since`.
/// Source: Engine API ContainerLogs.
std::optional<std::string> resolve_log_since(std::string_view since,
                                             std::chrono::system_clock::time_point now);

}  // namespace halcyon::orchestrator
