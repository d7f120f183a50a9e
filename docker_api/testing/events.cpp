#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

/// "1700000000" or with a fraction of up to nine digits.
std::optional<Time> parse_moment(const std::string& text) {
  std::int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || (stop != end && *stop != '.')) return std::nullopt;
  std::string fraction(stop == end ? stop : stop + 1, end);
  fraction.resize(9, '0');
  std::int64_t nanoseconds = 0;
  std::from_chars(fraction.data(), fraction.data() + 9, nanoseconds);
  return Time(std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanoseconds});
}

std::optional<Time> read_moment(const Request& request, std::string_view name) {
  const std::string text = request.parameter(name);
  if (text.empty()) return std::nullopt;
  const auto moment = parse_moment(text);
  if (!moment) throw Refusal{400, fmt::format("invalid {}: {}", name, text)};
  return moment;
}

bool matches_event_name(const FilterMap& filters, const std::string& action) {
  const auto wanted = filters.find("event");
  if (wanted == filters.end()) return true;
  for (const std::string start : {"health_status", "exec_create", "exec_start"}) {
    if (wanted->second.contains(start)) return matches_start(filters, "event", action);
  }
  return wanted->second.contains(action);
}

std::string attribute(const EventRecord& event, const char* key) {
  const auto found = event.attributes.find(key);
  return found == event.attributes.end() ? "" : found->second;
}

/// A filter that is an object's type holds ids or names of such objects.
bool matches_object(const FilterMap& filters, const EventRecord& event, const std::string& type) {
  if (!filters.contains(type)) return true;
  if (event.type != type) return type == "image" && matches_start(filters, type, attribute(event, "image"));
  const std::string name = attribute(event, "name");
  return matches_start(filters, type, event.actor) || (!name.empty() && matches_start(filters, type, name));
}

bool is_wanted_event(const FilterMap& filters, const EventRecord& event) {
  for (const std::string type : {"container", "image", "network", "volume", "daemon"}) {
    if (!matches_object(filters, event, type)) return false;
  }
  return matches_exactly(filters, "type", event.type) && matches_exactly(filters, "scope", "local") &&
         matches_event_name(filters, event.action) && matches_labels(filters, "label", event.attributes);
}

}  // namespace

json show_event(const EventRecord& event, ApiVersion version) {
  json shown{{"Type", event.type},
             {"Action", event.action},
             {"Actor", {{"ID", event.actor}, {"Attributes", event.attributes}}},
             {"scope", "local"},
             {"time", to_seconds(event.at)},
             {"timeNano", event.at.time_since_epoch().count()}};
  const bool has_old_fields = event.type == "container" || event.type == "image";
  if (has_old_fields && version < ApiVersion{1, 52}) {
    shown["status"] = event.action;
    shown["id"] = event.actor;
    if (event.type == "container") shown["from"] = attribute(event, "image");
  }
  return shown;
}

void deliver_event(Core& core, const EventRecord& event) {
  for (const EventListener& listener : core.event_listeners) {
    if (listener.until && event.at > *listener.until) continue;
    if (!is_wanted_event(listener.filters, event)) continue;
    listener.stream->pending += show_event(event, listener.version).dump() + "\n";
  }
}

void tick_events(Core& core, Time now) {
  std::erase_if(core.event_listeners, [now](EventListener& listener) {
    if (!listener.until || *listener.until > now) return false;
    listener.stream->ended = true;
    return true;
  });
}

Answer follow_events(Core& core, const Call& call) {
  const auto since = read_moment(call.request, "since");
  const auto until = read_moment(call.request, "until");
  if (since && until && *since > *until) {
    throw Refusal{400, fmt::format("`since` time ({}) cannot be after `until` time ({})",
                                   call.request.parameter("since"), call.request.parameter("until"))};
  }
  EventListener listener{.stream = std::make_shared<Stream>(),
                         .filters = read_filters(call.request.parameter("filters")),
                         .until = until,
                         .version = call.request.version};
  if (since || until) {
    for (const EventRecord& event : core.events) {
      const bool in_time = (!since || event.at >= *since) && (!until || event.at <= *until);
      if (!in_time || !is_wanted_event(listener.filters, event)) continue;
      listener.stream->pending += show_event(event, listener.version).dump() + "\n";
    }
  }
  const auto stream = listener.stream;
  core.event_listeners.push_back(std::move(listener));
  tick_events(core, core.now());
  return {.headers = {{"Content-Type", "application/json"}}, .stream = stream};
}

}  // namespace halcyon::docker_api::fake
