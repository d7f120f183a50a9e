// POST /commit: an image from what a container has become.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/ids.hpp"
#include "docker_api/image_reference.hpp"

namespace halcyon::docker_api {

class Engine;

/// What the new image is called and how it differs.
struct CommitOptions {
  std::optional<ImageReference> tag;  ///< nothing: an image without a name
  std::string comment;
  std::string author;
  std::vector<std::string> changes;  ///< Dockerfile instructions: "CMD [\"/app\"]"
  bool pause = true;                 ///< freeze the container meanwhile
};
/// Makes an image of a container's file system, without its volumes.
///
/// Shape:    POST /commit?container=...&repo=...&tag=...&comment=...&author=...&changes=...&pause=0
/// Errors:   not_found; invalid_argument for a tag with digest; bad_request for a broken instruction.
/// In doubt: after a timeout the image may exist.
boost::asio::awaitable<ImageId> commit_container(Engine& engine, ContainerId id, CommitOptions options = {});

}  // namespace halcyon::docker_api
