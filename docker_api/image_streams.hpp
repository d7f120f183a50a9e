// Follows the JSON messages of pull, push, build, load and import. Private to docker_api.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"

namespace halcyon::docker_api {

ImageProgress parse_progress(const nlohmann::json& message);

using MessageSink = std::function<void(const nlohmann::json&)>;

/// Reads the stream to its end, shows progress, hands every message to `each` (may be empty).
///
/// Errors: in_stream for the first message that carries an error (G13), truncated, protocol.
boost::asio::awaitable<void> follow_messages(ResponseStream stream, ProgressSink progress, MessageSink each);

}  // namespace halcyon::docker_api
