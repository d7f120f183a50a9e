// POST /networks/{id}/connect and /disconnect.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// Attaches a container, running or not, to one more network.
///
/// Shape:  POST /networks/{id}/connect {"Container", "EndpointConfig"}.
/// Errors: not_found (network or container); refused if it is attached already, the address is taken or the
///         network does not allow it, whatever status the engine uses; unsupported: a MAC address is ignored
///         here before API 1.54, a gateway priority before 1.48.
boost::asio::awaitable<void> connect_container(Engine& engine, NetworkAttachment network,
                                               ContainerId container);

/// Takes a container off a network. `force` also if the container is gone.
/// Errors: not_found; refused if it is not attached.
boost::asio::awaitable<void> disconnect_container(Engine& engine, std::string network, ContainerId container,
                                                  bool force = false);

}  // namespace halcyon::docker_api
