#include "docker_api/image_requests.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_default_tag = "latest";
constexpr std::chrono::minutes k_push_deadline{2};

/// The engine may be silent for as long as it unpacks, or as a RUN instruction takes.
constexpr std::chrono::minutes k_unpack_deadline{10};

HttpHeader registry_auth(const std::optional<RegistryCredentials>& credentials) {
  return {"X-Registry-Auth", "", encode_registry_auth(credentials)};
}

}  // namespace

std::string tag_parameter(const ImageReference& reference) {
  if (reference.digest) return reference.digest->value;
  return reference.tag.value_or(std::string(k_default_tag));
}

std::string pulled_name(const ImageReference& reference) {
  const char separator = reference.digest ? '@' : ':';
  return reference.repository + separator + tag_parameter(reference);
}

EngineRequest make_pull_request(const ImageReference& reference, const PullOptions& options) {
  EngineRequest request{.method = "POST",
                        .path = "/images/create",
                        .query = {{"fromImage", reference.repository}, {"tag", tag_parameter(reference)}},
                        .headers = {registry_auth(options.credentials)}};
  if (options.platform) request.query.emplace_back("platform", to_string(*options.platform));
  // The head comes with the first message, so it may take as long as any other.
  request.deadlines.head = request.deadlines.idle = options.idle;
  return request;
}

EngineRequest make_push_request(const ImageReference& reference, const PushOptions& options) {
  if (reference.digest) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /images/{name}/push",
                 .explanation = reference.to_string() + " names a digest, and only a tag can be pushed"});
  }
  EngineRequest request{.method = "POST",
                        .path = image_path("/images/", reference.repository, "/push"),
                        .query = {{"tag", tag_parameter(reference)}},
                        .headers = {registry_auth(options.credentials)}};
  if (options.platform) request.query.emplace_back("platform", platform_json(*options.platform));
  request.deadlines.head = request.deadlines.idle = k_push_deadline;
  return request;
}

EngineRequest make_upload(std::string path, std::shared_ptr<BodySource> archive) {
  EngineRequest request{.method = "POST",
                        .path = std::move(path),
                        .content_type = "application/x-tar",
                        .body_source = std::move(archive)};
  request.deadlines.head = request.deadlines.idle = k_unpack_deadline;
  return request;
}

EngineRequest make_build_request(std::shared_ptr<BodySource> context, const BuildOptions& options) {
  EngineRequest request = make_upload("/build", std::move(context));
  request.deadlines.idle = std::nullopt;
  request.query = {{"dockerfile", options.dockerfile}, {"rm", "1"}, {"forcerm", "1"}};
  for (const std::string& tag : options.tags) request.query.emplace_back("t", tag);
  if (!options.build_args.empty()) request.query.emplace_back("buildargs", dump_json(options.build_args));
  if (!options.labels.empty()) request.query.emplace_back("labels", dump_json(options.labels));
  if (!options.network_mode.empty()) request.query.emplace_back("networkmode", options.network_mode);
  if (options.no_cache) request.query.emplace_back("nocache", "1");
  if (options.pull) request.query.emplace_back("pull", "1");
  if (!options.target.empty()) request.query.emplace_back("target", options.target);
  if (!options.cache_from.empty()) request.query.emplace_back("cachefrom", dump_json(options.cache_from));
  if (options.platform) request.query.emplace_back("platform", to_string(*options.platform));
  request.query.insert(request.query.end(), options.more_query.begin(), options.more_query.end());
  if (!options.credentials.empty())
    request.headers.push_back({"X-Registry-Config", "", encode_registry_config(options.credentials)});
  return request;
}

EngineRequest make_load_request(std::shared_ptr<BodySource> archive, const std::vector<Platform>& platforms) {
  EngineRequest request = make_upload("/images/load", std::move(archive));
  request.query = {{"quiet", "0"}};
  for (const Platform& platform : platforms) request.query.emplace_back("platform", platform_json(platform));
  return request;
}

asio::awaitable<void> require_load_platforms(Engine& engine, std::size_t platforms) {
  if (platforms > 0) co_await require_options(engine, {GatedOption::image_load_platform});
  if (platforms > 1) co_await require_options(engine, {GatedOption::image_load_several_platforms});
}

}  // namespace halcyon::docker_api
