#include "docker_api/log_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http_date.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/log_memory.hpp"
#include "docker_api/log_messages.hpp"
#include "docker_api/log_request.hpp"
#include "docker_api/status_error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

/// One connection's part of the log.
struct Connection {
  ResponseStream stream;
  OutputPieces pieces;
  LogMessages messages;
};

/// "1764064800.123456789": what the engine takes for a time.
std::string to_parameter(LogTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{}.{:09}", seconds.time_since_epoch().count(), (at - seconds).count());
}

/// The connection is gone, which a new one may cure; the engine may also answer 503 while it starts.
bool is_worth_a_reconnect(const Error& error) { return error.is_transient() || is_about_version(error); }

bool may_say_more(const std::string& state) {
  return state == "running" || state == "paused" || state == "restarting";
}

}  // namespace

struct LogFollower::State {
  State(Engine& owner, ContainerId container, FollowLogOptions wanted)
      : engine(owner), id(std::move(container)), options(wanted), memory(options.overlap) {}

  asio::awaitable<void> connect();
  asio::awaitable<void> reconnect();
  asio::awaitable<void> pause(std::chrono::milliseconds duration);
  asio::awaitable<std::optional<LogMessage>> read_live();
  asio::awaitable<bool> may_go_on();

  Engine& engine;
  ContainerId id;
  FollowLogOptions options;
  LogMemory memory;
  std::optional<Connection> connection;
  std::size_t connections = 0;
  std::optional<LogTime> began_at;  // the first connection, by the engine's clock
  std::optional<LogTime> resumed_at;
  std::chrono::milliseconds wait{0};  // before the next reconnect
  bool ended_cleanly = false;         // the last connection
  bool ended = false;
};

asio::awaitable<void> LogFollower::State::connect() {
  LogOptions wanted{.follow = true,
                    .timestamps = true,
                    .stdout_stream = options.stdout_stream,
                    .stderr_stream = options.stderr_stream,
                    .tty = options.tty};
  if (const auto resume_at = memory.resume_at()) {
    wanted.since = to_parameter(*resume_at);
  } else if (options.tail && began_at) {
    // Nothing has come yet, so there was nothing to count back over: the tail of now would leave out what has
    // come since.
    wanted.since = to_parameter(options.since ? std::max(*options.since, *began_at) : *began_at);
  } else {
    wanted.tail = options.tail;
    if (options.since) wanted.since = to_parameter(*options.since);
  }
  ResponseStream stream = co_await engine.open_stream(make_logs_request(id, wanted));
  if (const auto date = stream.head().find_header("Date"); date && !began_at)
    began_at = parse_http_date(*date);
  const bool multiplexed = co_await is_log_multiplexed(engine, id, options.tty, stream.head());
  options.tty = !multiplexed;
  const Framing framing = multiplexed ? Framing::multiplexed : Framing::raw;
  connection.emplace(
      Connection{std::move(stream), OutputPieces(framing, Joining::never), LogMessages(framing)});
  memory.begin_replay();
  resumed_at = memory.resume_at();
  ++connections;
}

asio::awaitable<void> LogFollower::State::pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(engine.executor(), duration);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  if (!error && cancellation.cancelled() == asio::cancellation_type::none) co_return;
  throw Error({.kind = ErrorKind::cancelled,
               .endpoint = "GET /containers/{id}/logs",
               .explanation = "given up by the caller"});
}

asio::awaitable<void> LogFollower::State::reconnect() {
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    wait = std::clamp(wait * 2, options.first_pause, options.longest_pause);
    co_await pause(wait);
    try {
      co_await connect();
      co_return;
    } catch (const Error& error) {
      if (!is_worth_a_reconnect(error)) throw;
      const auto passed = std::chrono::steady_clock::now() - began;
      if (options.give_up_after && passed >= *options.give_up_after) throw;
    }
  }
}

/// The next message of the present connection; nothing, and no connection, if it has ended or broken.
asio::awaitable<std::optional<LogMessage>> LogFollower::State::read_live() {
  ended_cleanly = false;
  const ResponseStream& stream = connection->stream;
  const AnswerOrigin origin{
      .endpoint = stream.endpoint(), .http_status = stream.status(), .api_version = stream.api_version()};
  try {
    for (;;) {
      if (auto message = connection->messages.take()) co_return message;
      const auto piece = co_await connection->pieces.next(connection->stream);
      if (!piece) break;
      connection->messages.feed(*piece, connection->pieces.at_boundary());
    }
    if (auto rest = connection->messages.take_rest()) co_return rest;
    ended_cleanly = true;
  } catch (const Error& error) {
    connection.reset();
    if (error.kind() == ErrorKind::cancelled) throw;
    if (!is_worth_a_reconnect(error)) throw about_answer(error, origin);
  }
  connection.reset();
  co_return std::nullopt;
}

/// After a clean end: whether there can be more.
asio::awaitable<bool> LogFollower::State::may_go_on() {
  try {
    const auto details = co_await find_container(engine, id);
    co_return details&& may_say_more(details->state);
  } catch (const Error& error) {
    if (!is_worth_a_reconnect(error)) throw;
  }
  co_return true;  // the engine is gone, and with it the stream: the reconnect will tell
}

LogFollower::LogFollower(Engine& engine, ContainerId id, FollowLogOptions options)
    : state_(std::make_unique<State>(engine, std::move(id), options)) {}
LogFollower::LogFollower(LogFollower&&) noexcept = default;
LogFollower& LogFollower::operator=(LogFollower&&) noexcept = default;
LogFollower::~LogFollower() = default;

std::size_t LogFollower::connections() const noexcept { return state_->connections; }

asio::awaitable<std::optional<LogMessage>> LogFollower::next() {
  State& state = *state_;
  while (!state.ended) {
    if (!state.connection) {
      if (state.connections == 0) {
        co_await state.connect();
      } else {
        co_await state.reconnect();
      }
    }
    std::optional<LogMessage> message = co_await state.read_live();
    if (!message) {
      if (state.ended_cleanly) state.ended = !co_await state.may_go_on();
      continue;
    }
    // An engine that takes whole seconds only brings what is older still.
    if (state.resumed_at && message->at < *state.resumed_at) continue;
    if (state.memory.take_replayed(message->at, message->stream, message->text)) continue;
    message->after_gap = state.memory.is_replay_incomplete();
    state.memory.end_replay();
    state.wait = {};
    state.memory.add(message->at, message->stream, message->text);
    co_return message;
  }
  co_return std::nullopt;
}

}  // namespace halcyon::docker_api
