#include "docker_api/events.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/http_date.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_stream.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

Event parse_event(const json& message) {
  const json& actor = get_field(message, "Actor");
  Event event{.type = get_string(message, "Type"),
              .action = get_string(message, "Action"),
              .actor_id = get_string(actor, "ID"),
              .attributes = get_string_map(actor, "Attributes"),
              .scope = get_string(message, "scope")};
  // Before API 1.52 the oldest fields are there as well; a few events of old engines have only those.
  if (event.action.empty()) event.action = get_string(message, "status");
  if (event.actor_id.empty()) event.actor_id = get_string(message, "id");
  // Podman names images, networks and volumes among the attributes only.
  if (const auto name = event.attributes.find("name");
      event.actor_id.empty() && name != event.attributes.end())
    event.actor_id = name->second;
  const std::int64_t nanoseconds = get_int64(message, "timeNano");
  constexpr std::int64_t k_most_seconds = INT64_MAX / 1'000'000'000;
  const std::int64_t seconds = get_int64(message, "time");
  if (nanoseconds != 0) {
    event.at = EventTime(std::chrono::nanoseconds(nanoseconds));
  } else if (seconds > 0 && seconds < k_most_seconds) {
    event.at = EventTime(std::chrono::seconds(seconds));
  }
  return event;
}

}  // namespace

std::string to_event_parameter(EventTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{}.{:09}", seconds.time_since_epoch().count(), (time - seconds).count());
}

EventStream::EventStream(JsonStream stream) : stream_(std::make_unique<JsonStream>(std::move(stream))) {}
EventStream::EventStream(EventStream&&) noexcept = default;
EventStream& EventStream::operator=(EventStream&&) noexcept = default;
EventStream::~EventStream() = default;

asio::awaitable<std::optional<Event>> EventStream::next() {
  const auto message = co_await stream_->next();
  if (!message) co_return std::nullopt;
  co_return read_answer(stream_->origin(), [&] { return parse_event(*message); });
}

std::optional<EventTime> EventStream::began_at() const {
  const auto date = stream_->head().find_header("Date");
  return date ? parse_http_date(*date) : std::nullopt;
}

asio::awaitable<EventStream> open_events(Engine& engine, EventOptions options) {
  if (options.since && options.until && *options.since > *options.until) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "GET /events",
                 .explanation = "the time to begin at is after the time to end at"});
  }
  EngineRequest request{.path = "/events", .query = filter_query(options.filters)};
  if (options.since) request.query.emplace_back("since", to_event_parameter(*options.since));
  if (options.until) request.query.emplace_back("until", to_event_parameter(*options.until));
  request.deadlines.idle = options.idle;
  co_return EventStream(JsonStream(co_await engine.open_stream(std::move(request))));
}

}  // namespace halcyon::docker_api
