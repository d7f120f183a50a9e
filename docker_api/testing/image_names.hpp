// Names of images as the engine shows them. Private to docker_api/testing; pure.
#pragma once

#include <string>

namespace halcyon::docker_api::fake {

/// "busybox:latest" for "docker.io/library/busybox", "x@sha256:..." for "x:1@sha256:..."; "" for what is no
/// name.
std::string familiar(const std::string& name);

}  // namespace halcyon::docker_api::fake
