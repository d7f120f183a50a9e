#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "docker_api/testing/container_parts.hpp"
#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

/// "/app 'two words'", as the engine shows a command.
std::string show_command(const Container& container) {
  std::string text;
  for (const std::string& part : container.command) {
    if (!text.empty()) text += ' ';
    text += part.find_first_of(" \t\n'\"") == std::string::npos ? part : "'" + part + "'";
  }
  return text;
}

/// "Up 3 minutes (healthy)", "Exited (0) 5 seconds ago".
std::string describe_status(Core& core, const Container& container) {
  const Time now = core.now();
  switch (container.status) {
    case Status::created:
      return "Created";
    case Status::exited:
      return fmt::format("Exited ({}) {} ago", container.exit_code,
                         describe_age(now - container.finished.value_or(now)));
    case Status::restarting:
      return fmt::format("Restarting ({}) {} ago", container.exit_code,
                         describe_age(now - container.finished.value_or(now)));
    case Status::running:
    case Status::paused:
      break;
  }
  std::string text = "Up " + describe_age(now - container.started.value_or(now));
  if (container.status == Status::paused) return text + " (Paused)";
  if (!container.has_healthcheck) return text;
  if (container.health == Health::starting) return text + " (health: starting)";
  return text + fmt::format(" ({})", to_word(container.health));
}

std::string health_word(const Container& container) {
  return container.has_healthcheck ? std::string(to_word(container.health)) : "none";
}

void check_status_filter(const FilterMap& filters) {
  if (!filters.contains("status")) return;
  for (const std::string& status : filters.at("status")) {
    const auto known = {"created", "running", "paused", "restarting", "removing", "exited", "dead"};
    if (std::find(known.begin(), known.end(), status) == known.end()) {
      throw Refusal{400, fmt::format("Invalid filter 'status={}'", status)};
    }
  }
}

bool has_network(Core& core, const FilterMap& filters, const Container& container) {
  if (!filters.contains("network")) return true;
  for (const std::string& wanted : filters.at("network")) {
    const Network* network = core.find_network(wanted);
    if (container.endpoints.contains(network != nullptr ? network->name : wanted)) return true;
  }
  return false;
}

bool has_name(const FilterMap& filters, const Container& container) {
  if (!filters.contains("name")) return true;
  const auto& names = filters.at("name");
  return std::any_of(names.begin(), names.end(), [&container](const std::string& part) {
    // A regular expression for the engine; here its two ends and plain text.
    std::string_view plain = part;
    const std::string name = "/" + container.name;
    const bool from_start = plain.starts_with('^');
    if (from_start) plain.remove_prefix(1);
    const bool to_end = plain.ends_with('$');
    if (to_end) plain.remove_suffix(1);
    const std::string_view where =
        from_start && !plain.starts_with('/') ? std::string_view(container.name) : std::string_view(name);
    if (from_start && to_end) return where == plain;
    if (from_start) return where.starts_with(plain);
    return to_end ? where.ends_with(plain) : where.find(plain) != std::string_view::npos;
  });
}

bool has_ancestor(Core& core, const FilterMap& filters, const Container& container) {
  if (!filters.contains("ancestor")) return true;
  for (const std::string& wanted : filters.at("ancestor")) {
    const StoredImage* image = core.find_image(wanted);
    if (image != nullptr && image->id == container.image_id) return true;
  }
  return false;
}

bool is_wanted(Core& core, const FilterMap& filters, const Container& container) {
  return matches_labels(filters, "label", container.labels) &&
         matches_exactly(filters, "status", status_word(container)) &&
         matches_start(filters, "id", container.id) &&
         matches_exactly(filters, "health", health_word(container)) &&
         has_network(core, filters, container) && has_name(filters, container) &&
         has_ancestor(core, filters, container);
}

json show_container(Core& core, const Container& container, bool with_size) {
  json shown{{"Id", container.id},
             {"Names", {"/" + container.name}},
             {"Image", container.image_name},
             {"ImageID", container.image_id},
             {"Command", show_command(container)},
             {"Created", to_seconds(container.created)},
             {"Ports", json::array()},
             {"Labels", container.labels},
             {"State", status_word(container)},
             {"Status", describe_status(core, container)},
             {"HostConfig", {{"NetworkMode", container.network_mode}}},
             {"NetworkSettings", {{"Networks", show_networks(container)}}},
             {"Mounts", show_mounts(container)}};
  if (with_size) shown.update({{"SizeRw", 0}, {"SizeRootFs", 1'000'000}});
  return shown;
}

}  // namespace

Answer list_containers(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"ancestor", "health", "id", "label", "name", "network", "status"},
                {"before", "exited", "expose", "is-task", "isolation", "publish", "since", "volume"});
  check_status_filter(filters);
  const std::string limit_text = call.request.parameter("limit");
  const std::size_t limit = limit_text.empty() ? 0 : std::stoul(limit_text);
  const bool all = call.request.flag("all") || limit > 0 || filters.contains("status");
  json list = json::array();
  for (auto it = core.containers.rbegin(); it != core.containers.rend(); ++it) {
    const Container& container = **it;
    if (!all && !container.is_running() && container.status != Status::restarting) continue;
    if (!is_wanted(core, filters, container)) continue;
    list.push_back(show_container(core, container, call.request.flag("size")));
    if (limit > 0 && list.size() == limit) break;
  }
  return answer_json(list);
}

Answer prune_containers(Core& core, const Call& call) {
  const FilterMap filters = read_filters(call.request.parameter("filters"));
  require_known(filters, {"label", "label!"}, {"until"});
  std::vector<std::string> ids;
  for (const auto& container : core.containers) {
    const bool stopped = container->status == Status::created || container->status == Status::exited;
    if (stopped && matches_prune_labels(filters, container->labels)) ids.push_back(container->id);
  }
  for (const std::string& id : ids) {
    Container& container = core.container(id);
    core.effect("container.remove", container.name);
    remove_record(core, container, false);
  }
  core.emit("container", "prune", "", {{"reclaimed", "0"}});
  return answer_json({{"ContainersDeleted", ids.empty() ? json() : json(ids)}, {"SpaceReclaimed", 0}});
}

}  // namespace halcyon::docker_api::fake
