// A file or directory of this machine as a tar archive. Private to docker_api.
#pragma once

#include <memory>
#include <string>

#include "docker_api/http.hpp"

namespace halcyon::docker_api {

/// Makes a body that yields `path`, and what is below it, under `name`. Links are sent as links and never
/// followed, not even `path` itself; hard links become files of their own. The names are read now, the
/// contents while the archive is sent. `keeps_ids`: with the user and group ids of here, else with root's.
///
/// Errors: invalid_argument, naming the file, for one that cannot be read and for a socket, pipe or device;
///         protocol while it is sent if a file has changed its size.
std::shared_ptr<BodySource> make_tree_source(const std::string& path, const std::string& name,
                                             bool keeps_ids);

}  // namespace halcyon::docker_api
