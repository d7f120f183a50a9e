#include "docker_api/container_stats.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"
#include "docker_api/json_stream.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/stats_sample.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

asio::awaitable<StatsSample> read_stats(Engine& engine, ContainerId id, StatsReading reading) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/stats"),
                        .query = {{"stream", "false"}}};
  if (reading == StatsReading::one) {
    co_await require_options(engine, {GatedOption::stats_one_shot});
    request.query.emplace_back("one-shot", "true");
  }
  const std::string endpoint = "GET " + request.path;
  const HttpResponse response = co_await engine.call(std::move(request));
  // What Podman says of a container that does not run.
  if (response.body.empty()) co_return StatsSample{.id = std::move(id)};
  co_return read_answer(origin_of(engine, endpoint, response),
                        [&] { return parse_stats(parse_json(response.body, endpoint)); });
}

StatsStream::StatsStream(JsonStream stream) : stream_(std::make_unique<JsonStream>(std::move(stream))) {}
StatsStream::StatsStream(StatsStream&&) noexcept = default;
StatsStream& StatsStream::operator=(StatsStream&&) noexcept = default;
StatsStream::~StatsStream() = default;

asio::awaitable<std::optional<StatsSample>> StatsStream::next() {
  const auto message = co_await stream_->next();
  if (!message) co_return std::nullopt;
  co_return read_answer(stream_->origin(), [&] { return parse_stats(*message); });
}

asio::awaitable<StatsStream> open_stats(Engine& engine, ContainerId id) {
  EngineRequest request{.path = resource_path("/containers/", id.value, "/stats"),
                        .query = {{"stream", "true"}}};
  request.deadlines.idle = std::nullopt;
  co_return StatsStream(JsonStream(co_await engine.open_stream(std::move(request))));
}

}  // namespace halcyon::docker_api
