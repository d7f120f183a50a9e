// Small files of the user's. Private to docker_api.
#pragma once

#include <optional>
#include <string>

namespace halcyon::docker_api {

/// Reads a whole regular file; nothing if it does not exist. The buffer never moves, so cleansing the result
/// leaves no copy.
///
/// Errors: invalid_argument: it cannot be read, is no regular file, is over 4 MiB.
std::optional<std::string> find_settings_file(const std::string& path);

}  // namespace halcyon::docker_api
