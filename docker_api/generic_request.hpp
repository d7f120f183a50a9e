// One call of the Engine API that has no function here yet.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/engine.hpp"

namespace halcyon::docker_api {

/// Names and values, encoded when sent.
using Query = std::vector<std::pair<std::string, std::string>>;

/// Sends a request with the negotiated version in front and reads the whole answer: status, headers, body.
///
/// Shape:  `path` begins with '/' and is percent-encoded by the caller; `query` is encoded here; `body` is
///         JSON text or empty. For uploads, own headers, deadlines and streams: Engine::call() and
///         open_stream().
/// Errors: invalid_argument for a path that an engine would clean (empty parts, "." and "..") or that holds a
///         query; every status of 400 and above as Error with the engine's words. 304 is returned.
boost::asio::awaitable<HttpResponse> request(Engine& engine, std::string method, std::string path,
                                             Query query = {}, std::string body = {});

}  // namespace halcyon::docker_api
