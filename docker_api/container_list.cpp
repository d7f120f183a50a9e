#include "docker_api/container_list.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/container_details.hpp"
#include "docker_api/json_call.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

/// The engine walks the disk, which takes minutes on a slow one.
constexpr std::chrono::minutes k_size_deadline{2};

}  // namespace

asio::awaitable<std::vector<ContainerSummary>> query_containers(Engine& engine,
                                                                ContainerListOptions options) {
  EngineRequest request{.path = "/containers/json", .query = filter_query(options.filters)};
  if (options.all) request.query.emplace_back("all", "1");
  if (options.limit) request.query.emplace_back("limit", std::to_string(*options.limit));
  if (options.size) {
    request.query.emplace_back("size", "1");
    request.deadlines.head = k_size_deadline;
  }
  co_return co_await list_for(engine, std::move(request), parse_container_summary);
}

asio::awaitable<std::vector<ContainerSummary>> list_containers(Engine& engine,
                                                               std::vector<std::string> labels) {
  ContainerListOptions options;
  if (!labels.empty()) options.filters["label"] = std::move(labels);
  co_return co_await query_containers(engine, std::move(options));
}

}  // namespace halcyon::docker_api
