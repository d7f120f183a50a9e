// Reads an element of an image list. Private to docker_api; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker_api/image_list.hpp"

namespace halcyon::docker_api {

/// "sha256:..." also where Podman leaves the algorithm out.
ImageId make_image_id(std::string text);
ImageSummary parse_image_summary(const nlohmann::json& body);
/// The field "Manifests" of a list element or of inspect.
std::vector<ImageManifest> parse_image_manifests(const nlohmann::json& body);

}  // namespace halcyon::docker_api
