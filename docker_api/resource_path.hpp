// Paths of Engine API calls. Private to docker_api.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::docker_api {

/// "/containers/" + encoded id + "/json". Errors: invalid_argument for an id that is empty, "." or ".."
/// (G32): the engine would clean the path and do something else.
std::string resource_path(std::string_view collection, std::string_view id, std::string_view action = {});
/// The same for image names, whose slashes stay.
std::string image_path(std::string_view collection, std::string_view name, std::string_view action = {});

}  // namespace halcyon::docker_api
