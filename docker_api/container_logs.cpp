// GET /containers/{id}/logs.
#include <string>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/log_request.hpp"
#include "docker_api/output_pieces.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::size_t k_log_idle_bytes = 1024;  // of a log that is there already

}  // namespace

EngineRequest make_logs_request(const ContainerId& id, const LogOptions& options) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/logs")};
  if (!options.stdout_stream && !options.stderr_stream) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "GET /containers/{id}/logs",
                 .explanation = "choose stdout, stderr or both"});
  }
  if (options.stdout_stream) request.query.emplace_back("stdout", "1");
  if (options.stderr_stream) request.query.emplace_back("stderr", "1");
  if (options.details) request.query.emplace_back("details", "1");
  if (options.timestamps) request.query.emplace_back("timestamps", "1");
  if (options.tail) request.query.emplace_back("tail", std::to_string(*options.tail));
  if (!options.since.empty()) request.query.emplace_back("since", options.since);
  if (!options.until.empty()) request.query.emplace_back("until", options.until);
  request.deadlines.idle_bytes = k_log_idle_bytes;
  if (options.follow) {
    request.query.emplace_back("follow", "1");
    // A container that has said nothing yet may get its head late, too.
    request.deadlines.head = std::nullopt;
    request.deadlines.idle = std::nullopt;
  }
  return request;
}

asio::awaitable<bool> is_log_multiplexed(Engine& engine, ContainerId id, std::optional<bool> tty,
                                         const HttpResponse& head) {
  if (tty) co_return !*tty;
  const ApiVersion version = co_await engine.api_version();
  if (const auto framing = framing_of(head, version)) co_return *framing == Framing::multiplexed;
  const ContainerDetails details = co_await inspect_container(engine, id);
  co_return !details.tty;
}

struct LogReader::State {
  ResponseStream stream;
  OutputPieces pieces;
};

LogReader::LogReader(ResponseStream stream, bool multiplexed)
    : state_(std::make_unique<State>(
          State{std::move(stream), OutputPieces(multiplexed ? Framing::multiplexed : Framing::raw)})) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;

asio::awaitable<std::optional<LogPiece>> LogReader::next() { return state_->pieces.next(state_->stream); }

asio::awaitable<LogReader> open_logs(Engine& engine, ContainerId id, LogOptions options) {
  EngineRequest request = make_logs_request(id, options);
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  const bool multiplexed = co_await is_log_multiplexed(engine, id, options.tty, stream.head());
  co_return LogReader(std::move(stream), multiplexed);
}

asio::awaitable<void> read_logs(Engine& engine, ContainerId id, LogOptions options,
                                LogDemultiplexer::Sink sink) {
  EngineRequest request = make_logs_request(id, options);
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  const bool multiplexed = co_await is_log_multiplexed(engine, id, options.tty, stream.head());
  OutputPieces pieces(multiplexed ? Framing::multiplexed : Framing::raw, Joining::never);
  while (const auto piece = co_await pieces.next(stream)) {
    sink(piece->stream, piece->bytes);
    pieces.hand_out_arrived(stream, sink);
  }
}

}  // namespace halcyon::docker_api
