// What to do when a registry does not give what it was asked for.
#pragma once

#include <string>

#include "docker_api/error.hpp"
#include "docker_api/image_reference.hpp"

namespace halcyon::orchestrator {

/// Why a registry gave nothing.
enum class RegistryRefusal {
  wants_credentials,  ///< others than were found, or any
  limits_requests,    ///< too many for now
  has_no_such_image,
  silent,  ///< it, or the engine on its behalf, did not go on in time
  other,
};

/// By status and by the words that registries and engines use: engines before 25 answer 500 or 404 where the
/// registry said 401, and inside a stream there are only words. Pure.
/// Source: distribution's errcode "toomanyrequests", Docker Hub's and dockerd 20.10's words.
RegistryRefusal judge_registry(const docker_api::Error& error);

/// A sentence about `reference` to stand behind what happened. Pure.
std::string advise_on_registry(RegistryRefusal refusal, const docker_api::ImageReference& reference);

}  // namespace halcyon::orchestrator
