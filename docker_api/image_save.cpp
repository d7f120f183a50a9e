#include "docker_api/image_save.hpp"

#include "docker_api/error.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes k_save_deadline{10};

}  // namespace

asio::awaitable<ArchiveStream> save_images(Engine& engine, std::vector<std::string> names,
                                           std::vector<Platform> platforms) {
  EngineRequest request{.path = "/images/get"};
  for (std::string& name : names) {
    if (!name.empty()) request.query.emplace_back("names", std::move(name));
  }
  if (names.empty() || request.query.size() != names.size()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "GET /images/get",
                 .explanation = "name the images to save; none of the names may be empty"});
  }
  if (!platforms.empty()) co_await require_options(engine, {GatedOption::image_save_platform});
  if (platforms.size() > 1) co_await require_options(engine, {GatedOption::image_save_several_platforms});
  for (const Platform& platform : platforms) request.query.emplace_back("platform", platform_json(platform));
  request.deadlines.head = request.deadlines.idle = k_save_deadline;
  co_return ArchiveStream(co_await engine.open_stream(std::move(request)));
}

}  // namespace halcyon::docker_api
