// From configuration and placement to what the engine is asked to create.
#pragma once

#include <set>
#include <string>

#include "docker_api/containers.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// The variables a service gets: the env_file's, then those of the configuration, later ones winning.
///
/// Errors: Error usage if the env_file is absent or malformed; never shows a value.
EnvironmentValues read_configured_values(const Service& service);

/// The named volumes of all services, each once, as the engine knows them.
std::set<std::string> list_volumes(const Environment& environment);

/// One replica (from 1) of a service of the wanted release, at its fixed address, created from the image's
/// id.
docker_api::ContainerSpec make_web_spec(Promotion& promotion, const std::string& service, int replica);

docker_api::ContainerSpec make_accessory_spec(Promotion& promotion, const Service& service,
                                              const docker_api::ImageId& image);

/// Creates a container at its fixed address with the hardware address that goes with it, or leaves that to an
/// engine that derives the very same by itself and takes none (Docker before API 1.44).
///
/// Errors: as docker_api::create_container().
boost::asio::awaitable<docker_api::CreatedContainer> create_at_its_address(docker_api::Engine& engine,
                                                                           docker_api::ContainerSpec spec);

}  // namespace halcyon::orchestrator
