// Which request goes to which handler. What is not here does not exist, and is answered as an engine answers
// it: nothing passes by accident.
#include "docker_api/testing/fault.hpp"
#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

struct Route {
  std::string_view method;
  std::string_view path;  ///< one '*' for a name, which may hold '/'
  Handler handler;
};

constexpr Route k_routes[] = {
    {"GET", "/_ping", ping},
    {"HEAD", "/_ping", ping},
    {"GET", "/version", version},
    {"GET", "/info", info},
    {"GET", "/events", follow_events},
    {"GET", "/plugins", list_plugins},
    {"GET", "/swarm", no_swarm},
    {"GET", "/nodes", no_swarm},
    {"GET", "/services", no_swarm},
    {"GET", "/tasks", no_swarm},
    {"GET", "/secrets", no_swarm},
    {"GET", "/configs", no_swarm},

    {"GET", "/containers/json", list_containers},
    {"POST", "/containers/create", create_container},
    {"POST", "/containers/prune", prune_containers},
    {"GET", "/containers/*/json", inspect_container},
    {"POST", "/containers/*/start", start_container},
    {"POST", "/containers/*/stop", stop_container},
    {"POST", "/containers/*/restart", restart_container},
    {"POST", "/containers/*/kill", kill_container},
    {"POST", "/containers/*/pause", pause_container},
    {"POST", "/containers/*/unpause", unpause_container},
    {"POST", "/containers/*/rename", rename_container},
    {"POST", "/containers/*/update", update_container},
    {"POST", "/containers/*/wait", wait_container},
    {"POST", "/containers/*/resize", resize_container},
    {"POST", "/containers/*/attach", attach_container},
    {"POST", "/containers/*/exec", create_exec},
    {"GET", "/containers/*/logs", read_logs},
    {"GET", "/containers/*/top", list_processes},
    {"GET", "/containers/*/stats", read_stats},
    {"GET", "/containers/*/archive", get_archive},
    {"HEAD", "/containers/*/archive", get_archive},
    {"PUT", "/containers/*/archive", put_archive},
    {"DELETE", "/containers/*", remove_container},
    {"POST", "/exec/*/start", start_exec},
    {"POST", "/exec/*/resize", resize_exec},
    {"GET", "/exec/*/json", inspect_exec},

    {"GET", "/images/json", list_images},
    {"POST", "/images/create", create_image},
    {"POST", "/images/load", load_images},
    {"POST", "/images/prune", prune_images},
    {"GET", "/images/get", save_image},
    {"POST", "/build", build_image},
    {"GET", "/images/*/json", inspect_image},
    {"GET", "/images/*/history", image_history},
    {"GET", "/images/*/get", save_image},
    {"POST", "/images/*/tag", tag_image},
    {"POST", "/images/*/push", push_image},
    {"DELETE", "/images/*", remove_image},
    {"GET", "/distribution/*/json", inspect_distribution},

    {"GET", "/networks", list_networks},
    {"POST", "/networks/create", create_network},
    {"POST", "/networks/prune", prune_networks},
    {"POST", "/networks/*/connect", connect_network},
    {"POST", "/networks/*/disconnect", disconnect_network},
    {"GET", "/networks/*", inspect_network},
    {"DELETE", "/networks/*", remove_network},

    {"GET", "/volumes", list_volumes},
    {"POST", "/volumes/create", create_volume},
    {"POST", "/volumes/prune", prune_volumes},
    {"GET", "/volumes/*", inspect_volume},
    {"DELETE", "/volumes/*", remove_volume},
};

}  // namespace

Handler find_handler(std::string_view method, std::string_view path, std::string& name) {
  for (const Route& route : k_routes) {
    if (route.method != method || !fits(path, route.path)) continue;
    const std::size_t star = route.path.find('*');
    if (star == std::string_view::npos) return route.handler;
    const std::size_t after = route.path.size() - star - 1;
    if (path.size() <= star + after) continue;
    name = path.substr(star, path.size() - star - after);
    const bool may_hold_slashes = path.starts_with("/images/") || path.starts_with("/distribution/");
    if (!may_hold_slashes && name.find('/') != std::string::npos) continue;
    return route.handler;
  }
  return nullptr;
}

}  // namespace halcyon::docker_api::fake
