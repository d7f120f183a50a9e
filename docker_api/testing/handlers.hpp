// All requests that the fake engine understands. Private to docker_api/testing.
#pragma once

#include <string>
#include <string_view>

#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {

/// A request, and the part of its path that '*' stood for.
struct Call {
  const Request& request;
  std::string name;
};
using Handler = Answer (*)(Core&, const Call&);

/// Finds the handler; null for a path that no engine knows, or this one does not.
Handler find_handler(std::string_view method, std::string_view path, std::string& name);

// system.cpp
Answer ping(Core&, const Call&);
Answer version(Core&, const Call&);
Answer info(Core&, const Call&);
Answer no_swarm(Core&, const Call&);
Answer list_plugins(Core&, const Call&);
// container_create.cpp
Answer create_container(Core&, const Call&);
/// Why a container cannot get this name: malformed, or "Conflict. ..." if it is taken.
std::optional<std::string> find_name_problem(const Core& core, const std::string& name);
// container_list.cpp
Answer list_containers(Core&, const Call&);
Answer prune_containers(Core&, const Call&);
// container_inspect.cpp
Answer inspect_container(Core&, const Call&);
// container_control.cpp
Answer start_container(Core&, const Call&);
Answer stop_container(Core&, const Call&);
Answer restart_container(Core&, const Call&);
Answer kill_container(Core&, const Call&);
Answer pause_container(Core&, const Call&);
Answer unpause_container(Core&, const Call&);
Answer rename_container(Core&, const Call&);
Answer update_container(Core&, const Call&);
Answer remove_container(Core&, const Call&);
Answer wait_container(Core&, const Call&);
Answer resize_container(Core&, const Call&);
// container_streams.cpp
Answer read_logs(Core&, const Call&);
Answer attach_container(Core&, const Call&);
// container_insight.cpp
Answer list_processes(Core&, const Call&);
Answer read_stats(Core&, const Call&);
// archives.cpp
Answer get_archive(Core&, const Call&);
Answer put_archive(Core&, const Call&);
// execs.cpp
Answer create_exec(Core&, const Call&);
Answer start_exec(Core&, const Call&);
Answer inspect_exec(Core&, const Call&);
Answer resize_exec(Core&, const Call&);
// images.cpp
Answer list_images(Core&, const Call&);
Answer inspect_image(Core&, const Call&);
Answer image_history(Core&, const Call&);
Answer tag_image(Core&, const Call&);
// image_removal.cpp
Answer remove_image(Core&, const Call&);
Answer prune_images(Core&, const Call&);
// image_transfer.cpp
Answer create_image(Core&, const Call&);
Answer push_image(Core&, const Call&);
Answer inspect_distribution(Core&, const Call&);
// image_archives.cpp
Answer load_images(Core&, const Call&);
Answer save_image(Core&, const Call&);
Answer import_image(Core&, const Call&);
// image_build.cpp
Answer build_image(Core&, const Call&);
// networks.cpp
Answer create_network(Core&, const Call&);
Answer list_networks(Core&, const Call&);
Answer inspect_network(Core&, const Call&);
Answer remove_network(Core&, const Call&);
Answer prune_networks(Core&, const Call&);
// endpoints.cpp
Answer connect_network(Core&, const Call&);
Answer disconnect_network(Core&, const Call&);
// volumes.cpp
Answer create_volume(Core&, const Call&);
Answer list_volumes(Core&, const Call&);
Answer inspect_volume(Core&, const Call&);
Answer remove_volume(Core&, const Call&);
Answer prune_volumes(Core&, const Call&);
Volume* find_volume(Core&, std::string_view name);
Volume& ensure_volume(Core&, const std::string& name, bool anonymous);
// events.cpp
Answer follow_events(Core&, const Call&);

}  // namespace halcyon::docker_api::fake
