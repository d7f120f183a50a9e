// A container that the engine would not start: the program in it never ran, so no log says why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "docker_api/containers.hpp"
#include "docker_api/engine.hpp"

namespace halcyon::orchestrator {

/// What to look at, by the words that engine and kernel use. Pure.
std::string advise_on_refused_start(std::string_view engine_says, std::string_view service);

/// Starts a container of `service`; idempotent.
///
/// Errors: Error aborted with the advice if the engine refused; docker_api::Error for what may pass.
boost::asio::awaitable<void> start_or_explain(docker_api::Engine& engine, docker_api::ContainerId name,
                                              std::string service);

}  // namespace halcyon::orchestrator
