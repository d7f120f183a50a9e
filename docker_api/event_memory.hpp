// Which events of a follower have been seen. Private to docker_api; pure.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "docker_api/events.hpp"

namespace halcyon::docker_api {

/// Remembers the events of the last moments, so that those which an engine sends twice are known.
/// More than any engine keeps (256).
inline constexpr std::size_t k_remembered_events = 16'384;

class EventMemory {
 public:
  /// `overlap`: how far behind the newest event a reconnect asks again. Engines stamp events before they
  /// queue them, so that neighbours may come out of order.
  /// `since`: nothing before it is the follower's; nothing: nothing before the first event.
  explicit EventMemory(std::chrono::nanoseconds overlap, std::optional<EventTime> since = {})
      : overlap_(overlap), begin_(since) {}

  /// Remembers the event; false if it was known.
  bool add(const Event& event);
  bool knows(const Event& event) const { return seen_.contains(key_of(event)); }
  /// Where to begin after a reconnect: at a whole second, as Podman takes the second that a time lies in.
  /// Nothing before the first event.
  std::optional<EventTime> resume_at() const;
  std::optional<EventTime> newest() const { return newest_; }
  /// What was before is not the follower's; nothing before the first event.
  std::optional<EventTime> begin() const { return begin_; }

 private:
  using Key = std::tuple<EventTime, std::string, std::string, std::string>;
  static Key key_of(const Event& event) { return {event.at, event.type, event.action, event.actor_id}; }

  std::chrono::nanoseconds overlap_;
  std::set<Key> seen_;  // none older than resume_at()
  std::optional<EventTime> begin_;
  std::optional<EventTime> newest_;
};

}  // namespace halcyon::docker_api
