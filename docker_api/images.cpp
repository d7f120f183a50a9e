#include "docker_api/images.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/engine.hpp"
#include "docker_api/error.hpp"
#include "docker_api/image_details.hpp"
#include "docker_api/image_streams.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::string_view k_default_tag = "latest";

HttpHeader registry_auth(const std::optional<RegistryCredentials>& credentials) {
  return {"X-Registry-Auth", encode_registry_auth(credentials)};
}

/// What pull and push put into `tag`: never empty, which would mean all tags (G28). A digest wins over a tag.
std::string tag_parameter(const ImageReference& reference) {
  if (reference.digest) return reference.digest->value;
  return reference.tag.value_or(std::string(k_default_tag));
}

/// The name under which a pulled image is found again.
std::string pulled_name(const ImageReference& reference) {
  const char separator = reference.digest ? '@' : ':';
  return reference.repository + separator + tag_parameter(reference);
}

}  // namespace

asio::awaitable<Digest> resolve_digest(Engine& engine, ImageReference reference,
                                       std::optional<RegistryCredentials> credentials,
                                       std::chrono::milliseconds deadline) {
  HttpDeadlines deadlines;
  deadlines.head = deadline;
  const HttpResponse response =
      co_await engine.call({.path = image_path("/distribution/", pulled_name(reference), "/json"),
                            .headers = {registry_auth(credentials)},
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
  EngineRequest request{.method = "POST",
                        .path = "/images/create",
                        .query = {{"fromImage", reference.repository}, {"tag", tag_parameter(reference)}},
                        .headers = {registry_auth(credentials)}};
  // The head comes with the first message, so it may take as long as any other.
  request.deadlines.head = idle;
  request.deadlines.idle = idle;
  ResponseStream stream = co_await engine.open_stream(std::move(request));
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
                                 std::optional<RegistryCredentials> credentials, ProgressSink progress) {
  if (reference.digest) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /images/{name}/push",
                 .explanation = reference.to_string() + " names a digest, and only a tag can be pushed"});
  }
  EngineRequest request{.method = "POST",
                        .path = image_path("/images/", reference.repository, "/push"),
                        .query = {{"tag", tag_parameter(reference)}},
                        .headers = {registry_auth(credentials)}};
  request.deadlines.head = request.deadlines.idle = std::chrono::minutes{2};
  ResponseStream stream = co_await engine.open_stream(std::move(request));
  co_await follow_messages(std::move(stream), std::move(progress), {});
}

asio::awaitable<ImageDetails> inspect_image(Engine& engine, std::string name) {
  const HttpResponse response = co_await engine.call({.path = image_path("/images/", name, "/json")});
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

}  // namespace halcyon::docker_api
