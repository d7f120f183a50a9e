// The engine's events across lost connections and restarts of the engine (G23).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "docker_api/events.hpp"

namespace halcyon::docker_api {

/// Between the last event and the next one something may be missing: look at the objects themselves again.
struct EventGap {
  std::optional<EventTime> after;  ///< the last event seen; nothing: none yet
  std::string reason;              ///< for people
};
/// What a follower hands out.
using EventOrGap = std::variant<Event, EventGap>;

/// What to follow, and how to come back after a lost connection.
struct FollowOptions {
  Filters filters;
  std::optional<EventTime> since;              ///< as EventOptions::since, for the first connection
  std::chrono::milliseconds overlap{1000};     ///< asked for again after a reconnect, and told apart
  std::chrono::milliseconds first_pause{100};  ///< before a reconnect; doubles
  std::chrono::milliseconds longest_pause{5000};
  std::optional<std::chrono::milliseconds> give_up_after;  ///< of failed reconnects in a row; nothing: never
};

/// Follows events and reconnects whenever the stream ends or breaks.
///
/// Each event comes once: after a reconnect the engine is asked from `overlap` before the newest one on, and
/// those that were seen (same time, type, action and actor) are left out.
/// Whether the engine still remembers the newest event is asked with a request of its own that ends at that
/// event's time: if it does not come, the engine was restarted or has forgotten (it keeps 256 events), and
/// next() says EventGap before it goes on. Cost: one round trip for each reconnect.
/// Threads: one, the executor's; one next() at a time.
class EventFollower {
 public:
  /// `engine` must outlive it.
  EventFollower(Engine& engine, FollowOptions options);
  EventFollower(EventFollower&&) noexcept;
  EventFollower& operator=(EventFollower&&) noexcept;
  ~EventFollower();

  /// The next event or gap; never ends by itself.
  /// Errors: cancelled; bad_request and the like, which a reconnect would not cure; the last failure when
  ///         give_up_after has passed. The first connection is tried once.
  boost::asio::awaitable<EventOrGap> next();
  /// How often it has connected.
  std::size_t connections() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halcyon::docker_api
