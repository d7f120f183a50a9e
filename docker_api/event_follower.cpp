#include "docker_api/event_follower.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/event_memory.hpp"
#include "docker_api/json_stream.hpp"
#include "docker_api/status_error.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

struct EventFollower::State {
  State(Engine& owner, FollowOptions wanted)
      : engine(owner), options(std::move(wanted)), memory(options.overlap, options.since) {}

  asio::awaitable<EventStream> connect();
  asio::awaitable<void> pause(std::chrono::milliseconds duration);
  asio::awaitable<bool> is_newest_remembered();
  asio::awaitable<EventGap> reconnect();
  asio::awaitable<std::optional<Event>> read_live();

  Engine& engine;
  FollowOptions options;
  EventMemory memory;
  std::optional<EventStream> stream;
  std::optional<EventTime> baseline;    // where to begin while no event has been seen
  std::optional<EventTime> replay_due;  // an event that was seen must come again before any new one
  std::optional<Event> held_back;       // comes after the gap that it showed
  std::size_t connections = 0;
};

namespace {

/// The engine answers about the past at once; it is not asked to wait.
constexpr std::chrono::seconds k_past_idle{30};

/// The connection is gone, which a new one may cure. The engine may also answer 503 while it starts. An event
/// that cannot be read would come again and again.
bool is_worth_another_stream(const Error& error) {
  return error.is_transient() || error.kind() == ErrorKind::in_stream || is_about_version(error);
}

/// Podman takes `since` for the whole second that it lies in. An event whose time has no fraction may be
/// later in its second than it says.
bool is_before(const Event& event, const std::optional<EventTime>& begin) {
  const auto fraction = event.at.time_since_epoch() % std::chrono::seconds{1};
  return begin && fraction.count() != 0 && event.at < *begin;
}

}  // namespace

asio::awaitable<EventStream> EventFollower::State::connect() {
  const std::optional<EventTime> since = memory.newest() ? memory.resume_at() : baseline;
  EventStream opened = co_await open_events(engine, {.filters = options.filters, .since = since});
  ++connections;
  if (!baseline) baseline = opened.began_at();
  co_return opened;
}

asio::awaitable<void> EventFollower::State::pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(engine.executor(), duration);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  if (!error && cancellation.cancelled() == asio::cancellation_type::none) co_return;
  throw Error(
      {.kind = ErrorKind::cancelled, .endpoint = "GET /events", .explanation = "given up by the caller"});
}

/// Asks for what happened up to the newest event that we saw: `until` lies in the past, so the answer ends.
asio::awaitable<bool> EventFollower::State::is_newest_remembered() {
  const std::optional<EventTime> newest = memory.newest();
  if (!newest) co_return false;
  EventStream past = co_await open_events(
      engine,
      {.filters = options.filters, .since = memory.resume_at(), .until = newest, .idle = k_past_idle});
  bool found = false;
  while (const std::optional<Event> event = co_await past.next()) {
    found = found || (event->at == *newest && memory.knows(*event));
  }
  co_return found;
}

/// Tries until there is a stream again. Returns what to tell the caller; an empty reason: nothing is missing.
asio::awaitable<EventGap> EventFollower::State::reconnect() {
  std::chrono::milliseconds wait = options.first_pause;
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    co_await pause(wait);
    wait = std::min(wait * 2, options.longest_pause);
    try {
      const bool remembered = co_await is_newest_remembered();
      stream.emplace(co_await connect());
      replay_due.reset();
      if (remembered) {
        replay_due = memory.newest();
        co_return EventGap{.after = memory.newest()};
      }
      co_return EventGap{.after = memory.newest(),
                         .reason = memory.newest()
                                       ? "the engine has forgotten the last event seen: it was restarted, or "
                                         "too much has happened"
                                       : "the connection was lost before the first event"};
    } catch (const Error& error) {
      if (!is_worth_another_stream(error)) throw;
      const auto passed = std::chrono::steady_clock::now() - began;
      if (options.give_up_after && passed >= *options.give_up_after) throw;
    }
  }
}

/// The next event of the present stream; nothing if it has ended or broken, and then there is none.
asio::awaitable<std::optional<Event>> EventFollower::State::read_live() {
  try {
    std::optional<Event> event = co_await stream->next();
    if (!event) stream.reset();
    co_return event;
  } catch (const Error& error) {
    stream.reset();
    if (!is_worth_another_stream(error)) throw;
  }
  co_return std::nullopt;
}

EventFollower::EventFollower(Engine& engine, FollowOptions options)
    : state_(std::make_unique<State>(engine, std::move(options))) {
  state_->baseline = state_->options.since;
}
EventFollower::EventFollower(EventFollower&&) noexcept = default;
EventFollower& EventFollower::operator=(EventFollower&&) noexcept = default;
EventFollower::~EventFollower() = default;

std::size_t EventFollower::connections() const noexcept { return state_->connections; }

asio::awaitable<EventOrGap> EventFollower::next() {
  State& state = *state_;
  if (state.held_back) co_return EventOrGap(*std::exchange(state.held_back, std::nullopt));
  for (;;) {
    if (!state.stream) {
      if (state.connections == 0) {
        state.stream.emplace(co_await state.connect());
      } else {
        EventGap gap = co_await state.reconnect();
        if (!gap.reason.empty()) co_return EventOrGap(std::move(gap));
      }
    }
    std::optional<Event> event = co_await state.read_live();
    // What a first connection tells is the follower's, whatever its order.
    const auto begin = state.connections > 1 ? state.memory.begin() : state.options.since;
    if (!event || is_before(*event, begin)) continue;
    const std::optional<EventTime> last = state.memory.newest();
    if (!state.memory.add(*event)) {
      if (event->at == state.replay_due) state.replay_due.reset();
      continue;
    }
    if (!state.replay_due || event->at <= *state.replay_due) co_return EventOrGap(std::move(*event));
    // It was remembered a moment ago, and is not any more: more has happened meanwhile than the engine keeps.
    state.replay_due.reset();
    state.held_back = std::move(event);
    co_return EventOrGap(EventGap{.after = last, .reason = "too much has happened during the reconnect"});
  }
}

}  // namespace halcyon::docker_api
