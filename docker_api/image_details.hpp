// Reads an image's inspect answer. Private to docker_api.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_api/images.hpp"

namespace halcyon::docker_api {

ImageDetails parse_image(const nlohmann::json& body);

}  // namespace halcyon::docker_api
