// The gate: what must hold before traffic may go to a container.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "docker_api/engine.hpp"
#include "docker_api/http.hpp"
#include "docker_api/ids.hpp"
#include "orchestrator/configuration.hpp"

namespace halcyon::orchestrator {

/// Says why an answer does not satisfy the gate; nothing if it does. Pure.
std::optional<std::string> judge_answer(const Gate& gate, const docker_api::HttpResponse& answer,
                                        std::string_view release);

struct GateTarget {
  docker_api::ContainerId container;
  std::string container_name;  ///< for messages
  std::string address;         ///< the container's own
  std::uint16_t port = 0;
  Gate gate;
  std::string host;           ///< Host header, as nginx will send it
  std::int64_t restarts = 0;  ///< that it has had before; one more is a failure
  std::string release;        ///< compared with gate.release_header, if that is set
};
using GateProgress = std::function<void(int successes, const std::string& last_refusal)>;

/// Asks until the gate has held N times in a row, the container has failed, or the deadline has passed.
///
/// Units:  intervals and deadlines from the gate. While it does not hold, the pause grows from 2 to 200 ms.
/// Errors: Error aborted with the exact request, the last answer, the container's state, exit code, restarts,
/// OOM kill
///         and last log lines; docker_api::Error if the engine cannot be asked.
boost::asio::awaitable<void> wait_for_gate(docker_api::Engine& engine, GateTarget target,
                                           GateProgress progress);

/// The last `lines` lines of a container's log, indented, control characters replaced; empty if there are
/// none.
boost::asio::awaitable<std::string> read_last_log_lines(docker_api::Engine& engine,
                                                        docker_api::ContainerId container, int lines);

}  // namespace halcyon::orchestrator
