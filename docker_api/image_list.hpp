// The engine's images, an image's layers, and Docker Hub's index.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_api/filters.hpp"
#include "docker_api/images.hpp"
#include "docker_api/platform.hpp"

namespace halcyon::docker_api {

/// A moment in UTC.
using ImageTime = std::optional<std::chrono::sys_time<std::chrono::milliseconds>>;

/// One of the manifests behind a name; only with `manifests`.
struct ImageManifest {
  Digest id;
  std::string kind;  ///< open set: image, attestation, unknown
  bool available = false;
  Platform platform;
  std::optional<std::uint64_t> content_bytes;
  std::optional<std::uint64_t> total_bytes;
};

/// An image as the list shows it.
struct ImageSummary {
  ImageId id;
  ImageId parent;
  std::vector<std::string> repo_tags;     ///< without "<none>:<none>"
  std::vector<std::string> repo_digests;  ///< without "<none>@<none>"
  ImageTime created_at;
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::uint64_t> shared_bytes;  ///< with `shared_size`
  std::optional<std::uint64_t> containers;    ///< how many use it; known from API 1.51, and in disk usage
  std::map<std::string, std::string> labels;
  std::vector<ImageManifest> manifests;
};

/// Which images, and what about them.
struct ImageListOptions {
  Filters filters;           ///< before, dangling, label, reference, since, until
  bool all = false;          ///< intermediate layers of the classic builder, too
  bool shared_size = false;  ///< needs API 1.42
  bool manifests = false;    ///< needs API 1.47
  bool identity = false;     ///< sets `manifests` as well; needs API 1.54
};
/// Shape: GET /images/json?all=1&filters=...&shared-size=1&manifests=1&identity=1. Errors: unsupported.
boost::asio::awaitable<std::vector<ImageSummary>> list_images(Engine& engine, ImageListOptions options = {});

/// The manifests behind one name: its platforms, and which of them are here.
///
/// Shape:  GET /images/{name}/json?manifests=1, field Manifests; engines without a content store send none.
/// Errors: not_found; unsupported below API 1.48.
boost::asio::awaitable<std::vector<ImageManifest>> list_platforms(Engine& engine, std::string name);

/// One step of an image's making.
struct ImageLayer {
  ImageId id;  ///< empty: "<missing>", a layer of another engine's build
  ImageTime created_at;
  std::string created_by;
  std::vector<std::string> tags;
  std::uint64_t size_bytes = 0;
  std::string comment;
};
/// The layers of an image, newest first.
///
/// Shape:  GET /images/{name}/history[?platform=...]. Errors: not_found; unsupported for a platform
/// below 1.48.
boost::asio::awaitable<std::vector<ImageLayer>> list_image_history(Engine& engine, std::string name,
                                                                   std::optional<Platform> platform = {});

/// A repository on Docker Hub.
struct SearchResult {
  std::string name;
  std::string description;
  std::int64_t stars = 0;
  bool is_official = false;
};
/// What is searched for besides the term.
struct SearchOptions {
  std::optional<std::uint32_t> limit;  ///< 1 to 100
  Filters filters;                     ///< is-official, stars
  std::optional<RegistryCredentials> credentials;
};
/// Asks a registry's index, as a rule Docker Hub's. Shape: GET /images/search?term=...&limit=...&filters=...
/// Errors: refused (500) if the index cannot be reached.
boost::asio::awaitable<std::vector<SearchResult>> search_images(Engine& engine, std::string term,
                                                                SearchOptions options = {});

}  // namespace halcyon::docker_api
