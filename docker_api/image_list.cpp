#include "docker_api/image_list.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/platform_json.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::chrono::minutes k_list_deadline{2};
constexpr std::chrono::minutes k_search_deadline{1};  // a registry answers

/// Before API 1.43 an image without a name has "<none>" where later engines write nothing.
std::vector<std::string> without_none(std::vector<std::string> names) {
  std::erase_if(names, [](const std::string& name) { return name.starts_with("<none>"); });
  return names;
}

ImageLayer parse_layer(const json& body) {
  std::string id = get_string(body, "Id");
  if (id == "<missing>") id.clear();
  return {.id = make_image_id(std::move(id)),
          .created_at = get_any_time(body, "Created"),
          .created_by = get_string(body, "CreatedBy"),
          .tags = get_strings(body, "Tags"),
          .size_bytes = find_size(body, "Size").value_or(0),
          .comment = get_string(body, "Comment")};
}

SearchResult parse_search_result(const json& body) {
  return {.name = get_string(body, "name"),
          .description = get_string(body, "description"),
          .stars = get_int64(body, "star_count"),
          .is_official = get_bool(body, "is_official")};
}

}  // namespace

std::vector<ImageManifest> parse_image_manifests(const json& body) {
  std::vector<ImageManifest> manifests;
  for (const json& manifest : get_list(body, "Manifests")) {
    const json& size = get_field(manifest, "Size");
    manifests.push_back({.id = Digest(get_string(manifest, "ID")),
                         .kind = get_string(manifest, "Kind"),
                         .available = get_bool(manifest, "Available"),
                         .platform = parse_platform(get_field(get_field(manifest, "ImageData"), "Platform")),
                         .content_bytes = find_size(size, "Content"),
                         .total_bytes = find_size(size, "Total")});
  }
  return manifests;
}

ImageId make_image_id(std::string text) {
  constexpr std::size_t k_hex_digits = 64;
  if (text.size() == k_hex_digits && text.find(':') == std::string::npos) text.insert(0, "sha256:");
  return ImageId(std::move(text));
}

ImageSummary parse_image_summary(const json& body) {
  return {.id = make_image_id(get_string(body, "Id")),
          .parent = make_image_id(get_string(body, "ParentId")),
          .repo_tags = without_none(get_strings(body, "RepoTags")),
          .repo_digests = without_none(get_strings(body, "RepoDigests")),
          .created_at = get_any_time(body, "Created"),
          .size_bytes = find_size(body, "Size"),
          .shared_bytes = find_size(body, "SharedSize"),
          .containers = find_size(body, "Containers"),
          .labels = get_string_map(body, "Labels"),
          .manifests = parse_image_manifests(body)};
}

asio::awaitable<std::vector<ImageSummary>> list_images(Engine& engine, ImageListOptions options) {
  std::vector<GatedOption> gated;
  EngineRequest request{.path = "/images/json", .query = filter_query(options.filters)};
  const auto add = [&](bool wanted, const char* name, std::optional<GatedOption> gate) {
    if (!wanted) return;
    request.query.emplace_back(name, "1");
    if (gate) gated.push_back(*gate);
  };
  add(options.all, "all", {});
  add(options.shared_size, "shared-size", GatedOption::image_list_shared_size);
  add(options.manifests || options.identity, "manifests", GatedOption::image_list_manifests);
  add(options.identity, "identity", GatedOption::image_list_identity);
  request.deadlines.head = k_list_deadline;
  co_await require_options(engine, std::move(gated));
  co_return co_await list_for(engine, std::move(request), parse_image_summary);
}

asio::awaitable<std::vector<ImageManifest>> list_platforms(Engine& engine, std::string name) {
  EngineRequest request{.path = image_path("/images/", name, "/json"), .query = {{"manifests", "1"}}};
  co_await require_options(engine, {GatedOption::image_inspect_manifests});
  co_return co_await call_for(engine, std::move(request), parse_image_manifests);
}

asio::awaitable<std::vector<ImageLayer>> list_image_history(Engine& engine, std::string name,
                                                            std::optional<Platform> platform) {
  EngineRequest request{.path = image_path("/images/", name, "/history")};
  if (platform) {
    co_await require_options(engine, {GatedOption::image_history_platform});
    request.query = {{"platform", platform_json(*platform)}};
  }
  co_return co_await list_for(engine, std::move(request), parse_layer);
}

asio::awaitable<std::vector<SearchResult>> search_images(Engine& engine, std::string term,
                                                         SearchOptions options) {
  if (term.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "GET /images/search",
                 .explanation = "there is nothing to search for"});
  }
  EngineRequest request{.path = "/images/search", .query = filter_query(options.filters)};
  request.query.emplace_back("term", std::move(term));
  request.deadlines.head = k_search_deadline;
  if (options.limit) request.query.emplace_back("limit", std::to_string(*options.limit));
  if (options.credentials) {
    request.headers.push_back({"X-Registry-Auth", "", encode_registry_auth(options.credentials)});
  }
  co_return co_await list_for(engine, std::move(request), parse_search_result);
}

}  // namespace halcyon::docker_api
