// GET /events: what happens in the engine, as it happens.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "docker_api/filters.hpp"

namespace halcyon::docker_api {

class Engine;
class JsonStream;

/// A moment by the engine's clock.
using EventTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Something that happened to one of the engine's objects.
struct Event {
  std::string type;      ///< open set: container, image, network, volume, daemon, ...
  std::string action;    ///< open set: start, die, "health_status: healthy", "exec_create: sh", ...
  std::string actor_id;  ///< id, or name of a volume or image
  std::map<std::string, std::string> attributes;  ///< a container's labels, name, image, exitCode, ...
  std::string scope;                              ///< local, swarm
  EventTime at;                                   ///< nanoseconds if the engine gives them
};

/// Which events, from when to when.
struct EventOptions {
  Filters filters;  ///< config, container, daemon, event, image, label, network, node, plugin, scope,
                    ///< secret, service, type, volume
  std::optional<EventTime>
      since;  ///< also what happened from then on, as far as the engine remembers (256 events)
  std::optional<EventTime> until;  ///< end then; without it the stream has no end
  /// The longest silence; nothing: for ever, as an idle engine says nothing.
  std::optional<std::chrono::milliseconds> idle;
};

/// One connection's events. For one that survives the engine's restart: event_follower.hpp.
class EventStream {
 public:
  /// Reads the events of an answer whose status was 200; open_events() makes one.
  explicit EventStream(JsonStream stream);
  EventStream(EventStream&&) noexcept;
  EventStream& operator=(EventStream&&) noexcept;
  ~EventStream();

  /// The next event; nothing at the clean end: `until` has come, or the engine is shutting down. No deadline
  /// but EventOptions::idle. Errors: in_stream, truncated, cancelled, protocol.
  boost::asio::awaitable<std::optional<Event>> next();
  /// The engine's clock when the stream began, in whole seconds; nothing if it did not say.
  std::optional<EventTime> began_at() const;

 private:
  std::unique_ptr<JsonStream> stream_;
};

/// Shape:  GET /events?since=...&until=...&filters=...; the times as seconds with nine decimals.
/// Errors: invalid_argument if `since` is after `until`. An unknown filter is ignored by 20.10, and
///         bad_request elsewhere.
boost::asio::awaitable<EventStream> open_events(Engine& engine, EventOptions options = {});

/// "1700000000.000000001". Pure.
std::string to_event_parameter(EventTime time);

}  // namespace halcyon::docker_api
