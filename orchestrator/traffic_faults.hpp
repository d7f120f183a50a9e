// Whether requests get where the journal says: asked of nginx and, through it, of the services.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/environment_state.hpp"
#include "orchestrator/operations.hpp"

namespace halcyon::orchestrator {

/// What is wrong, each once, with what to do; empty: nothing, or the probe token is not ours to read.
///
/// `silent`: services that are not asked for an answer, because their containers are known to stand still.
boost::asio::awaitable<std::vector<std::string>> find_traffic_faults(Session session,
                                                                     const EnvironmentState& state,
                                                                     std::set<std::string> silent);

}  // namespace halcyon::orchestrator
