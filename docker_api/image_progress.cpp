#include "docker_api/image_progress.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/image_requests.hpp"
#include "docker_api/image_streams.hpp"
#include "docker_api/image_summary.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/json_stream.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

ProgressStream::ProgressStream(JsonStream stream)
    : stream_(std::make_unique<JsonStream>(std::move(stream))) {}
ProgressStream::ProgressStream(ProgressStream&&) noexcept = default;
ProgressStream& ProgressStream::operator=(ProgressStream&&) noexcept = default;
ProgressStream::~ProgressStream() = default;

asio::awaitable<std::optional<ImageProgress>> ProgressStream::next() {
  const auto message = co_await stream_->next();
  if (!message) co_return std::nullopt;
  co_return read_answer(stream_->origin(), [&] {
    if (std::string id = get_string(get_field(*message, "aux"), "ID"); !id.empty())
      built_ = make_image_id(id);
    return parse_progress(*message);
  });
}

namespace {

asio::awaitable<ProgressStream> open(Engine& engine, EngineRequest request) {
  co_return ProgressStream(JsonStream(co_await engine.open_stream(std::move(request))));
}

}  // namespace

asio::awaitable<ProgressStream> open_pull(Engine& engine, ImageReference reference, PullOptions options) {
  co_return co_await open(engine, make_pull_request(reference, options));
}

asio::awaitable<ProgressStream> open_push(Engine& engine, ImageReference reference, PushOptions options) {
  EngineRequest request = make_push_request(reference, options);
  if (options.platform) co_await require_options(engine, {GatedOption::push_platform});
  co_return co_await open(engine, std::move(request));
}

asio::awaitable<ProgressStream> open_build(Engine& engine, std::shared_ptr<BodySource> context,
                                           BuildOptions options) {
  co_return co_await open(engine, make_build_request(std::move(context), options));
}

asio::awaitable<ProgressStream> open_load(Engine& engine, std::shared_ptr<BodySource> archive,
                                          std::vector<Platform> platforms) {
  co_await require_load_platforms(engine, platforms.size());
  co_return co_await open(engine, make_load_request(std::move(archive), platforms));
}

}  // namespace halcyon::docker_api
