// Containers that somebody has renamed by hand.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// Gives what serves, by its labels, its own name back, and says so.
///
/// If another container has that name by now, the one that runs is kept (of two the one with the name), and
/// the other, which is ours just as well, is removed.
boost::asio::awaitable<void> give_names_back(Promotion& promotion);

}  // namespace halcyon::orchestrator
