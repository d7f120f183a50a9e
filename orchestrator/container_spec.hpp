// From configuration and placement to what the engine is asked to create.
#pragma once

#include "docker_api/containers.hpp"
#include "orchestrator/promotion.hpp"

namespace halcyon::orchestrator {

/// The variables a service gets: the env_file's, then those of the configuration, later ones winning.
///
/// Errors: Error usage if the env_file is absent or malformed; never shows a value.
EnvironmentValues read_configured_values(const Service& service);

/// One replica (from 1) of a service of the wanted release, at its fixed address, created from the image's
/// id.
docker_api::ContainerSpec make_web_spec(Promotion& promotion, const std::string& service, int replica);

docker_api::ContainerSpec make_accessory_spec(Promotion& promotion, const Service& service,
                                              const docker_api::ImageId& image);

}  // namespace halcyon::orchestrator
