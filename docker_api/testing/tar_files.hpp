// Tar archives as values: regular files and directories. Private to docker_api/testing; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "docker_api/testing/image.hpp"

namespace halcyon::docker_api::fake {

/// The regular files of an archive (ustar, and GNU's long names), by absolute path. Nothing if it is no tar
/// archive.
std::optional<std::map<std::string, File>> read_tar(std::string_view bytes);
/// An archive of these files, by the names as given, with its end mark.
std::string write_tar(const std::map<std::string, File>& files);
/// "/a/b" for "a/b", "./a/b", "/a//b/".
std::string absolute_path(std::string_view name);

}  // namespace halcyon::docker_api::fake
