#include "docker_api/container_commit.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/resource_path.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

/// The engine copies all that the container has written.
constexpr std::chrono::minutes k_copy_deadline{10};

}  // namespace

asio::awaitable<ImageId> commit_container(Engine& engine, ContainerId id, CommitOptions options) {
  resource_path("/containers/", id.value);  // refuses an empty id
  EngineRequest request{.method = "POST", .path = "/commit", .query = {{"container", id.value}}};
  if (options.tag) {
    if (options.tag->digest) {
      throw Error(
          {.kind = ErrorKind::invalid_argument,
           .endpoint = "POST /commit",
           .explanation = options.tag->to_string() + " names a digest, and a digest cannot be given away"});
    }
    request.query.emplace_back("repo", options.tag->repository);
    request.query.emplace_back("tag", options.tag->tag.value_or("latest"));
  }
  if (!options.comment.empty()) request.query.emplace_back("comment", std::move(options.comment));
  if (!options.author.empty()) request.query.emplace_back("author", std::move(options.author));
  for (std::string& change : options.changes) request.query.emplace_back("changes", std::move(change));
  if (!options.pause) request.query.emplace_back("pause", "0");
  request.deadlines.head = k_copy_deadline;
  co_return make_image_id(co_await call_for(
      engine, std::move(request), [](const nlohmann::json& answer) { return take_id(answer, "Id"); }));
}

}  // namespace halcyon::docker_api
