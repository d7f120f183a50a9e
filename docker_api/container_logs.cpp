// GET /containers/{id}/logs.
#include <string>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

EngineRequest make_logs_request(const ContainerId& id, const LogOptions& options) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/logs")};
  if (!options.stdout_stream && !options.stderr_stream) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "GET /containers/{id}/logs",
                 .explanation = "choose stdout, stderr or both"});
  }
  if (options.stdout_stream) request.query.emplace_back("stdout", "1");
  if (options.stderr_stream) request.query.emplace_back("stderr", "1");
  if (options.timestamps) request.query.emplace_back("timestamps", "1");
  if (options.tail) request.query.emplace_back("tail", std::to_string(*options.tail));
  if (!options.since.empty()) request.query.emplace_back("since", options.since);
  if (options.follow) {
    request.query.emplace_back("follow", "1");
    // A container that has said nothing yet may get its head late, too.
    request.deadlines.head = std::nullopt;
    request.deadlines.idle = std::nullopt;
  }
  return request;
}

}  // namespace

asio::awaitable<void> read_logs(Engine& engine, ContainerId id, LogOptions options,
                                LogDemultiplexer::Sink sink) {
  EngineRequest request = make_logs_request(id, options);
  const ContainerDetails container = co_await inspect_container(engine, id);
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  LogDemultiplexer demultiplexer;
  for (;;) {
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) break;
    if (container.tty) {
      sink(LogStream::stdout_stream, piece);
    } else {
      demultiplexer.feed(piece, sink);
    }
  }
  demultiplexer.finish();
}

}  // namespace halcyon::docker_api
