// The clients of the load generator: who sends what, when.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "load_run.h"

namespace halcyon::lab {

void start_clients(Run& run);

// One WebSocket that sends a message each second and is opened again when it was closed.
boost::asio::awaitable<void> websocket_client(Run* run, unsigned number);

}  // namespace halcyon::lab
