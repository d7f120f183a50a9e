// What goes into the fake engine and comes out of it, as values. No sockets here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_api/api_version.hpp"

namespace halcyon::docker_api::fake {

using Header = std::pair<std::string, std::string>;
/// A moment by the engine's clock.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A request as the engine got it, whole.
struct Request {
  std::string method;
  std::string target;  ///< as it was sent
  std::string path;    ///< decoded, without the version: "/containers/a/start"
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded
  std::vector<Header> headers;
  std::string body;            ///< chunks already joined
  ApiVersion version;          ///< the one in the path, or the engine's newest
  bool closes = false;         ///< HTTP/1.0 or `Connection: close`: the connection ends with the answer
  bool may_chunk = true;       ///< false for HTTP/1.0
  std::size_t number = 0;      ///< which request of this engine's life, from 0; restarts do not reset it
  std::size_t connection = 0;  ///< which accepted connection, from 0

  /// The value of a header (case does not matter) or query parameter; "" if it is absent.
  std::string header(std::string_view name) const;
  std::string parameter(std::string_view name) const;
  bool has_parameter(std::string_view name) const;
  /// As Go's engine reads a boolean: present and neither empty, "0", "no", "false" nor "none".
  bool flag(std::string_view name) const;
};

/// Takes a request target apart into path, version and query. `newest` is what a path without version means.
void parse_target(Request& request, ApiVersion newest);

/// The rest of an answer that goes on after its head: a wait, events, followed logs, a process.
struct Stream {
  std::string pending;  ///< not yet sent; whoever sends it clears it
  bool ended = false;
  std::function<void(std::string_view)> on_input;  ///< of an upgraded connection
  std::function<void()> on_input_end;
  std::size_t lines_seen = 0;
};

struct Answer {
  int status = 200;
  std::vector<Header> headers;  ///< besides those that every answer of an engine has
  std::string body;
  std::vector<std::string> messages;  ///< instead of `body`: sent as one chunk each
  std::shared_ptr<Stream> stream;     ///< the body goes on
  bool raw = false;            ///< the connection belongs to the stream: status 101, or 200 without framing
  bool common_headers = true;  ///< false for what is answered before the engine's own routes
};

}  // namespace halcyon::docker_api::fake
