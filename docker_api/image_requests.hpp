// The requests of the image streams: pull, push, build, load. Private to docker_api; pure but for the gates.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "docker_api/engine.hpp"
#include "docker_api/images.hpp"

namespace halcyon::docker_api {

/// What pull and push put into `tag`: never empty, which would mean all tags (G28). A digest wins over a tag.
std::string tag_parameter(const ImageReference& reference);
/// The name under which a pulled image is found again.
std::string pulled_name(const ImageReference& reference);

EngineRequest make_pull_request(const ImageReference& reference, const PullOptions& options);
/// Errors: invalid_argument for a digest.
EngineRequest make_push_request(const ImageReference& reference, const PushOptions& options);
EngineRequest make_upload(std::string path, std::shared_ptr<BodySource> archive);
EngineRequest make_build_request(std::shared_ptr<BodySource> context, const BuildOptions& options);
EngineRequest make_load_request(std::shared_ptr<BodySource> archive, const std::vector<Platform>& platforms);

/// Errors: unsupported for more platforms than this engine can be asked for.
boost::asio::awaitable<void> require_load_platforms(Engine& engine, std::size_t platforms);

}  // namespace halcyon::docker_api
