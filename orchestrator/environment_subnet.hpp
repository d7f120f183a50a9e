// Which /24 an environment's network has.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "orchestrator/environment_state.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::orchestrator {

/// The subnet that an install gives the environment: the one that a network of it stands on already, else the
/// configured one, else the one chosen before if it is still free, else a free one. Changes nothing.
///
/// Errors: aborted if none is free; docker_api::Error.
boost::asio::awaitable<std::string> find_subnet(Session session, const EnvironmentState& state);

}  // namespace halcyon::orchestrator
