#include "docker_api/images.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/image_details.hpp"
#include "docker_api/image_requests.hpp"
#include "docker_api/image_streams.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

asio::awaitable<Digest> resolve_digest(Engine& engine, ImageReference reference,
                                       std::optional<RegistryCredentials> credentials,
                                       std::chrono::milliseconds deadline) {
  HttpDeadlines deadlines;
  deadlines.head = deadline;
  const HttpResponse response =
      co_await engine.call({.path = image_path("/distribution/", pulled_name(reference), "/json"),
                            .headers = {{"X-Registry-Auth", "", encode_registry_auth(credentials)}},
                            .deadlines = deadlines});
  const json body = parse_json(response.body, "GET /distribution/{name}/json");
  Digest digest(get_string(get_field(body, "Descriptor"), "digest"));
  if (!is_digest(digest.value)) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = "GET /distribution/{name}/json",
                 .explanation = "the answer names no sha256 digest for " + reference.to_string()});
  }
  co_return digest;
}

asio::awaitable<ImageDetails> pull_image(Engine& engine, ImageReference reference,
                                         std::optional<RegistryCredentials> credentials,
                                         ProgressSink progress, std::chrono::milliseconds idle) {
  ResponseStream stream = co_await engine.open_stream(make_pull_request(reference, credentials, {}, idle));
  co_await follow_messages(std::move(stream), std::move(progress), {});
  std::optional<ImageDetails> image = co_await find_image(engine, pulled_name(reference));
  if (!image) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = "POST /images/create",
                 .explanation = "the pull ended without an error, but the engine has no image " +
                                pulled_name(reference)});
  }
  co_return std::move(*image);
}

asio::awaitable<void> push_image(Engine& engine, ImageReference reference,
                                 std::optional<RegistryCredentials> credentials, ProgressSink progress,
                                 std::optional<Platform> platform) {
  EngineRequest request = make_push_request(reference, credentials, platform);
  if (platform) co_await require_options(engine, {GatedOption::push_platform});
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  co_await follow_messages(std::move(stream), std::move(progress), {});
}

asio::awaitable<ImageDetails> inspect_image(Engine& engine, std::string name,
                                            std::optional<Platform> platform) {
  EngineRequest request{.path = image_path("/images/", name, "/json")};
  if (platform) {
    co_await require_options(engine, {GatedOption::image_inspect_platform});
    request.query = {{"platform", platform_json(*platform)}};
  }
  const HttpResponse response = co_await engine.call(std::move(request));
  co_return parse_image(parse_json(response.body, "GET /images/{name}/json"));
}

asio::awaitable<std::optional<ImageDetails>> find_image(Engine& engine, std::string name) {
  try {
    co_return co_await inspect_image(engine, std::move(name));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<void> tag_image(Engine& engine, std::string name, ImageReference tag) {
  if (tag.digest) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /images/{name}/tag",
                 .explanation = tag.to_string() + " names a digest, and a digest cannot be given away"});
  }
  co_await engine.call({.method = "POST",
                        .path = image_path("/images/", name, "/tag"),
                        .query = {{"repo", tag.repository}, {"tag", tag_parameter(tag)}}});
}

asio::awaitable<RemoveResult> remove_image(Engine& engine, std::string name, bool force) {
  EngineRequest request{.method = "DELETE", .path = image_path("/images/", name)};
  if (force) request.query = {{"force", "1"}};
  try {
    co_await engine.call(std::move(request));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    co_return RemoveResult::was_absent;
  }
  co_return RemoveResult::removed;
}

asio::awaitable<ImageRemoval> remove_image_parts(Engine& engine, std::string name,
                                                 ImageRemoveOptions options) {
  EngineRequest request{.method = "DELETE", .path = image_path("/images/", name)};
  if (options.force) request.query.emplace_back("force", "1");
  if (options.keep_parents) request.query.emplace_back("noprune", "1");
  if (!options.platforms.empty()) co_await require_options(engine, {GatedOption::image_remove_platforms});
  for (const Platform& platform : options.platforms)
    request.query.emplace_back("platforms", platform_json(platform));
  const std::optional<json> body = co_await find_json(engine, std::move(request));
  ImageRemoval removal{.result = body ? RemoveResult::removed : RemoveResult::was_absent};
  if (!body) co_return removal;
  if (!body->is_array() && !body->is_null()) {
    throw Error({.kind = ErrorKind::protocol,
                 .endpoint = "DELETE /images/{name}",
                 .explanation = "the answer is not a list"});
  }
  for (const json& part : *body) {
    if (std::string tag = get_string(part, "Untagged"); !tag.empty()) removal.untagged.push_back(tag);
    if (std::string id = get_string(part, "Deleted"); !id.empty()) removal.deleted.emplace_back(id);
  }
  co_return removal;
}

}  // namespace halcyon::docker_api
