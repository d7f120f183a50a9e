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

namespace {

constexpr std::chrono::minutes k_removal_deadline{5};

Digest parse_digest(const json& body, const ImageReference& reference) {
  Digest digest(get_string(get_field(body, "Descriptor"), "digest"));
  if (is_digest(digest.value)) return digest;
  throw Error({.kind = ErrorKind::protocol,
               .explanation = "the answer names no sha256 digest for " + reference.to_string()});
}

/// Layers are taken off the disk before the engine answers.
EngineRequest make_removal(const std::string& name) {
  EngineRequest request{.method = "DELETE", .path = image_path("/images/", name)};
  request.deadlines.head = k_removal_deadline;
  return request;
}

}  // namespace

asio::awaitable<Digest> resolve_digest(Engine& engine, ImageReference reference,
                                       std::optional<RegistryCredentials> credentials,
                                       std::chrono::milliseconds deadline) {
  HttpDeadlines deadlines;
  deadlines.head = deadline;
  co_return co_await call_for(engine,
                              {.path = image_path("/distribution/", pulled_name(reference), "/json"),
                               .headers = {{"X-Registry-Auth", "", encode_registry_auth(credentials)}},
                               .deadlines = deadlines},
                              [&reference](const json& body) { return parse_digest(body, reference); });
}

asio::awaitable<ImageDetails> pull_image(Engine& engine, ImageReference reference, PullOptions options,
                                         ProgressSink progress) {
  ResponseStream stream = co_await engine.open_stream(make_pull_request(reference, options));
  const AnswerOrigin origin = origin_of(engine, stream.endpoint(), stream.head());
  co_await follow_messages(std::move(stream), std::move(progress), {});
  // An older engine keeps one platform under a name: the one that came.
  const ApiVersion since = gate_of(GatedOption::image_inspect_platform).since;
  if (options.platform && co_await engine.api_version() < since) options.platform.reset();
  try {
    co_return co_await inspect_image(engine, pulled_name(reference), options.platform);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  throw about_answer(Error({.kind = ErrorKind::protocol,
                            .explanation = "the pull ended without an error, but the engine has no image " +
                                           pulled_name(reference)}),
                     origin);
}

asio::awaitable<void> push_image(Engine& engine, ImageReference reference, PushOptions options,
                                 ProgressSink progress) {
  EngineRequest request = make_push_request(reference, options);
  if (options.platform) co_await require_options(engine, {GatedOption::push_platform});
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
  co_return co_await call_for(engine, std::move(request), parse_image);
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
  EngineRequest request = make_removal(name);
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
  EngineRequest request = make_removal(name);
  if (options.force) request.query.emplace_back("force", "1");
  if (options.keep_parents) request.query.emplace_back("noprune", "1");
  if (!options.platforms.empty()) co_await require_options(engine, {GatedOption::image_remove_platforms});
  for (const Platform& platform : options.platforms)
    request.query.emplace_back("platforms", platform_json(platform));
  ImageRemoval removal;
  try {
    co_await visit_elements(engine, std::move(request), [&removal](const json& part) {
      if (std::string tag = get_string(part, "Untagged"); !tag.empty()) removal.untagged.push_back(tag);
      if (std::string id = get_string(part, "Deleted"); !id.empty()) removal.deleted.emplace_back(id);
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    removal.result = RemoveResult::was_absent;
  }
  co_return removal;
}

}  // namespace halcyon::docker_api
