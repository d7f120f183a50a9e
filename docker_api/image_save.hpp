// GET /images/get: images as an archive that load_images() takes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "docker_api/archive_stream.hpp"
#include "docker_api/platform.hpp"

namespace halcyon::docker_api {

/// Reads images with all their layers.
///
/// Shape:  GET /images/get?names=...&platform=...; names are references or ids.
/// Errors: invalid_argument without names; not_found; unsupported for a platform below API 1.48, for several
///         below 1.52; then as ArchiveStream: the engine puts its failure into the archive (G16).
boost::asio::awaitable<ArchiveStream> save_images(Engine& engine, std::vector<std::string> names,
                                                  std::vector<Platform> platforms = {});

}  // namespace halcyon::docker_api
