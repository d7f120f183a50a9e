// What the readers of a container's log share. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "docker_api/containers.hpp"

namespace halcyon::docker_api {

/// Errors: invalid_argument if no stream is wanted.
EngineRequest make_logs_request(const ContainerId& id, const LogOptions& options);

/// Whether frames separate the two streams; the engine is asked only if neither caller nor answer says.
boost::asio::awaitable<bool> is_log_multiplexed(Engine& engine, ContainerId id, std::optional<bool> tty,
                                                const HttpResponse& head);

}  // namespace halcyon::docker_api
