#include "docker_api/container_control.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/container_spec.hpp"
#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::chrono::minutes k_control_deadline{2};

EngineRequest make_post(const ContainerId& id, std::string_view action) {
  EngineRequest request{.method = "POST", .path = resource_path("/containers/", id.value, action)};
  request.deadlines.head = k_control_deadline;
  return request;
}

template <class T>
void set(json& body, const char* key, const std::optional<T>& value) {
  if (value) body[key] = *value;
}

json make_update_body(const ContainerUpdate& update) {
  json body = json::object();
  set(body, "Memory", update.memory_bytes);
  set(body, "MemoryReservation", update.memory_reservation_bytes);
  set(body, "MemorySwap", update.memory_swap_bytes);
  set(body, "NanoCpus", update.nano_cpus);
  set(body, "CpuShares", update.cpu_shares);
  set(body, "CpuPeriod", update.cpu_period_microseconds);
  set(body, "CpuQuota", update.cpu_quota_microseconds);
  set(body, "CpusetCpus", update.cpuset_cpus);
  set(body, "CpusetMems", update.cpuset_mems);
  set(body, "PidsLimit", update.pids_limit);
  set(body, "BlkioWeight", update.block_io_weight);
  if (update.restart_policy) body["RestartPolicy"] = make_restart_policy(*update.restart_policy);
  if (update.restart_most_times) {
    if (update.restart_policy != RestartPolicy::on_failure) {
      throw Error({.kind = ErrorKind::invalid_argument,
                   .endpoint = "POST /containers/{id}/update",
                   .explanation = "only the policy on-failure counts its restarts"});
    }
    body["RestartPolicy"]["MaximumRetryCount"] = *update.restart_most_times;
  }
  if (body.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /containers/{id}/update",
                 .explanation = "the update changes nothing"});
  }
  return body;
}

}  // namespace

asio::awaitable<void> restart_container(Engine& engine, ContainerId id, StopOptions options) {
  EngineRequest request = make_post(id, "/restart");
  // As with stop: only the engine knows how long the container's own timeout is.
  request.deadlines.head = std::nullopt;
  if (options.timeout) {
    request.query.emplace_back("t", std::to_string(options.timeout->count()));
    if (options.timeout->count() >= 0) request.deadlines.head = *options.timeout + k_control_deadline;
  }
  if (!options.signal.empty()) {
    co_await require_options(engine, {GatedOption::restart_signal});
    request.query.emplace_back("signal", std::move(options.signal));
  }
  co_await engine.call(std::move(request));
}

asio::awaitable<void> pause_container(Engine& engine, ContainerId id) {
  co_await engine.call(make_post(id, "/pause"));
}

asio::awaitable<void> unpause_container(Engine& engine, ContainerId id) {
  co_await engine.call(make_post(id, "/unpause"));
}

asio::awaitable<void> resize_container(Engine& engine, ContainerId id, ConsoleSize size) {
  EngineRequest request = make_post(id, "/resize");
  request.query = {{"h", std::to_string(size.rows)}, {"w", std::to_string(size.columns)}};
  co_await engine.call(std::move(request));
}

asio::awaitable<std::vector<std::string>> update_container(Engine& engine, ContainerId id,
                                                           ContainerUpdate update) {
  EngineRequest request = make_post(id, "/update");
  request.json_body = dump_json(make_update_body(update));
  co_return co_await call_for(engine, std::move(request),
                              [](const json& answer) { return get_strings(answer, "Warnings"); });
}

}  // namespace halcyon::docker_api
