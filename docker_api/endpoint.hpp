// From an engine's address to a socket endpoint, and why it could not be reached. Private to docker_api.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include "docker_api/engine_address.hpp"
#include "docker_api/error.hpp"

namespace halcyon::docker_api {

/// Where a socket on this machine listens. Errors: invalid_argument for an over-long path.
boost::asio::generic::stream_protocol::endpoint to_endpoint(const UnixAddress& address);

/// The Error for a failed connect: what was tried, the system's word for it, what to do.
Error make_connect_error(const EngineAddress& address, const boost::system::error_code& error);
/// The same for a failure that only the transport can explain (TLS, ssh).
Error make_connect_error(const EngineAddress& address, std::string_view explanation);

}  // namespace halcyon::docker_api
