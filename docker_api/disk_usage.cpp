#include "docker_api/disk_usage.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/disk_usage_answer.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes k_count_deadline{10};

}  // namespace

asio::awaitable<DiskUsage> inspect_disk_usage(Engine& engine, DiskUsageOptions options) {
  EngineRequest request{.path = "/system/df"};
  std::vector<GatedOption> gated;
  if (!options.types.empty()) gated.push_back(GatedOption::disk_usage_type);
  for (std::string& type : options.types) request.query.emplace_back("type", std::move(type));
  if (options.verbose) {
    gated.push_back(GatedOption::disk_usage_verbose);
    request.query.emplace_back("verbose", "1");
  }
  co_await require_options(engine, std::move(gated));
  request.deadlines.head = k_count_deadline;
  co_return co_await call_for(engine, std::move(request), parse_disk_usage);
}

}  // namespace halcyon::docker_api
