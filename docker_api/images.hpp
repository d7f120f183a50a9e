// Calls of /images, /build and /distribution. Elsewhere: image_list.hpp (list, history, search),
// image_save.hpp, image_progress.hpp (the same streams, pulled), prune.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docker_api/http.hpp"
#include "docker_api/ids.hpp"
#include "docker_api/image_reference.hpp"
#include "docker_api/platform.hpp"
#include "docker_api/registry_auth.hpp"

namespace halcyon::docker_api {

class Engine;

/// One message of a pull, push, build or load, for showing to people. Never decides success.
struct ImageProgress {
  std::string id;      ///< layer, empty for the whole
  std::string status;  ///< the engine's text, or a line of build output
  std::uint64_t current_bytes = 0;
  std::uint64_t total_bytes = 0;
};
/// Takes progress while a call runs; must not block.
using ProgressSink = std::function<void(const ImageProgress&)>;

/// What inspect says about an image.
struct ImageDetails {
  ImageId id;
  std::vector<std::string> repo_tags;
  std::vector<std::string> repo_digests;  ///< "127.0.0.1:5000/shop/web@sha256:..."
  std::map<std::string, std::string> labels;
  std::vector<std::string> environment;  ///< "KEY=value"
  std::string os;
  std::string architecture;
  std::uint64_t size_bytes = 0;
  bool has_healthcheck = false;
  std::vector<std::uint16_t> exposed_tcp_ports;
  std::string variant;
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> created_at;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string user;
  std::string working_dir;
  std::vector<Digest> layers;  ///< of the unpacked root file system, base first

  /// The digest under which `repository` offers this image, if the engine knows it.
  std::optional<Digest> find_digest(std::string_view repository) const;
};

/// Asks the registry, through the engine, for the digest behind a tag; pulls nothing.
///
/// Shape:  GET /distribution/{name}/json, field Descriptor.digest.
/// Errors: not_found and unauthorized as the registry says, refused, timeout (default 20 s for the head).
///         unsupported if the engine has no such route (Podman): pull by tag and look at repo_digests
///         instead.
/// Source: Engine API DistributionInspect.
boost::asio::awaitable<Digest> resolve_digest(Engine& engine, ImageReference reference,
                                              std::optional<RegistryCredentials> credentials = {},
                                              std::chrono::milliseconds deadline = std::chrono::seconds{20});

/// Which variant of an image, and as whom.
struct PullOptions {
  std::optional<RegistryCredentials> credentials;
  std::optional<Platform> platform;                           ///< nothing: the engine's own
  std::chrono::milliseconds idle = std::chrono::seconds{60};  ///< the longest silence between two messages
};
/// Pulls one image and says which one it was.
///
/// Shape:  POST /images/create?fromImage=repo&tag=tag-or-digest&platform=..., then
///         GET /images/{reference}/json: success is a clean end without errorDetail *and* an image under the
///         reference. A reference with neither tag nor digest means `latest`, never all tags (G28). The
///         details are those of the platform asked for where the engine can tell (API 1.49).
/// Errors: in_stream (an error inside the 200 stream), not_found, unauthorized, truncated, timeout.
boost::asio::awaitable<ImageDetails> pull_image(Engine& engine, ImageReference reference,
                                                PullOptions options = {}, ProgressSink progress = {});

/// Which variant of an image, and as whom.
struct PushOptions {
  std::optional<RegistryCredentials> credentials;
  std::optional<Platform> platform;  ///< nothing: all that the engine has; needs API 1.46
};

/// Pushes a tag.
///
/// Shape:  POST /images/{repository}/push?tag=...&platform=...
/// Errors: as pull_image; invalid_argument for a digest; unsupported.
boost::asio::awaitable<void> push_image(Engine& engine, ImageReference reference, PushOptions options = {},
                                        ProgressSink progress = {});

/// `name` is an image id, a reference or a reference with digest; one of several platforms needs API 1.49.
/// Errors: not_found; unsupported.
boost::asio::awaitable<ImageDetails> inspect_image(Engine& engine, std::string name,
                                                   std::optional<Platform> platform = {});
/// Like inspect_image, but nothing if there is no such image.
boost::asio::awaitable<std::optional<ImageDetails>> find_image(Engine& engine, std::string name);

/// Gives an image another name. Idempotent.
boost::asio::awaitable<void> tag_image(Engine& engine, std::string name, ImageReference tag);

/// Whether there was anything to remove.
enum class RemoveResult { removed, was_absent };
/// Removes a name, and the image with its last name. Errors: conflict if a container uses it (unless
/// `force`).
boost::asio::awaitable<RemoveResult> remove_image(Engine& engine, std::string name, bool force = false);

/// How far removing goes.
struct ImageRemoveOptions {
  bool force = false;
  bool keep_parents = false;        ///< leave untagged parents
  std::vector<Platform> platforms;  ///< only these; needs API 1.50
};
/// What removing did.
struct ImageRemoval {
  RemoveResult result = RemoveResult::removed;
  std::vector<std::string> untagged;
  std::vector<ImageId> deleted;
};
/// The same, and what went. Shape: DELETE /images/{name}?force=1&noprune=1&platforms=... Errors: as
/// remove_image; unsupported.
boost::asio::awaitable<ImageRemoval> remove_image_parts(Engine& engine, std::string name,
                                                        ImageRemoveOptions options);

/// What a build is given besides its context.
struct BuildOptions {
  std::vector<std::string> tags;
  std::string dockerfile = "Dockerfile";
  std::map<std::string, std::string> build_args;
  std::map<std::string, std::string> labels;
  std::string network_mode;  ///< empty: the engine's default
  bool no_cache = false;
  bool pull = false;
  std::string target;                   ///< the stage to build; empty: the last
  std::vector<std::string> cache_from;  ///< images whose layers may be used
  std::optional<Platform> platform;     ///< of the base images; nothing: the engine's own
  /// Further parameters of the call as they are, unescaped: {"shmsize", "67108864"}, {"extrahosts",
  /// "db:10.0.0.2"}.
  std::vector<std::pair<std::string, std::string>> more_query;
  /// For the registries of private base images, by credentials_key().
  std::map<std::string, RegistryCredentials> credentials;
};
/// Builds an image from a tar stream (never compressed) with the classic builder.
///
/// Shape:  POST /build with X-Registry-Config; the id comes in an `aux` message.
/// Errors: in_stream with the failing instruction's text; truncated; protocol if no id came.
boost::asio::awaitable<ImageId> build_image(Engine& engine, std::shared_ptr<BodySource> context,
                                            BuildOptions options, ProgressSink progress = {});

/// Loads a `docker save` archive. Every error comes in-band under 200 (G13). Returns the names the engine
/// reports. One platform of several needs API 1.48, more than one 1.52. Errors: in_stream; unsupported.
boost::asio::awaitable<std::vector<std::string>> load_images(Engine& engine,
                                                             std::shared_ptr<BodySource> archive,
                                                             ProgressSink progress = {},
                                                             std::vector<Platform> platforms = {});

/// Makes an image from a root file system tar.
///
/// Shape:  POST /images/create?fromSrc=-&repo=...&tag=...&changes=...; `changes` are Dockerfile instructions.
/// Errors: in_stream; invalid_argument for a `tag` with digest, which follows from the content.
boost::asio::awaitable<ImageId> import_image(Engine& engine, std::shared_ptr<BodySource> root_file_system,
                                             ImageReference tag, std::vector<std::string> changes = {});

}  // namespace halcyon::docker_api
