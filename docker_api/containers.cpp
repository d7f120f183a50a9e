#include "docker_api/containers.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/container_details.hpp"
#include "docker_api/container_spec.hpp"
#include "docker_api/error.hpp"
#include "docker_api/http_status.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::string_view k_containers = "/containers/";

/// Create may copy an image's files into a volume, start may wait for a busy host, remove deletes a tree.
constexpr std::chrono::minutes k_slow_call_deadline{2};

EngineRequest make_change(std::string method, const ContainerId& id, std::string_view action) {
  EngineRequest request{.method = std::move(method), .path = resource_path(k_containers, id.value, action)};
  request.deadlines.head = k_slow_call_deadline;
  return request;
}

Change change_of(const HttpResponse& response) {
  return response.status == k_not_modified ? Change::already : Change::changed;
}

}  // namespace

asio::awaitable<CreatedContainer> create_container(Engine& engine, ContainerSpec spec) {
  const ApiVersion version = co_await engine.api_version();
  const EngineKind kind = co_await engine.kind();
  EngineRequest request{.method = "POST",
                        .path = "/containers/create",
                        .json_body = dump_json(make_create_body(spec, version, kind))};
  if (!spec.name.empty()) request.query.emplace_back("name", spec.name);
  if (!spec.platform.empty()) request.query.emplace_back("platform", spec.platform);
  request.deadlines.head = k_slow_call_deadline;
  co_return co_await call_for(engine, std::move(request), [](const json& answer) {
    return CreatedContainer{.id = ContainerId(take_id(answer, "Id")),
                            .warnings = get_strings(answer, "Warnings")};
  });
}

asio::awaitable<ContainerDetails> inspect_container(Engine& engine, ContainerId id,
                                                    ContainerInspectOptions options) {
  EngineRequest request{.path = resource_path(k_containers, id.value, "/json")};
  if (options.size) {
    request.query = {{"size", "1"}};
    request.deadlines.head = k_slow_call_deadline;
  }
  co_return co_await call_for(engine, std::move(request), parse_container);
}

asio::awaitable<std::optional<ContainerDetails>> find_container(Engine& engine, ContainerId id) {
  try {
    co_return co_await inspect_container(engine, std::move(id));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<Change> start_container(Engine& engine, ContainerId id, StartOptions options) {
  EngineRequest request = make_change("POST", id, "/start");
  if (!options.checkpoint.empty()) request.query.emplace_back("checkpoint", std::move(options.checkpoint));
  if (!options.checkpoint_directory.empty()) {
    request.query.emplace_back("checkpoint-dir", std::move(options.checkpoint_directory));
  }
  try {
    co_return change_of(co_await engine.call(std::move(request)));
  } catch (const Error& error) {
    if (error.http_status() != k_forbidden) throw;
    // What a network answers to a taken address: no credentials would help.
    ErrorFacts facts = error.facts();
    facts.kind = ErrorKind::refused;
    throw Error(std::move(facts));
  }
}

asio::awaitable<Change> stop_container(Engine& engine, ContainerId id,
                                       std::optional<std::chrono::seconds> timeout) {
  return stop_container(engine, std::move(id), StopOptions{.timeout = timeout});
}

asio::awaitable<Change> stop_container(Engine& engine, ContainerId id, StopOptions options) {
  EngineRequest request = make_change("POST", id, "/stop");
  // The answer comes when the container has exited; how long its own timeout is, only the engine knows.
  request.deadlines.head = std::nullopt;
  if (options.timeout) {
    request.query.emplace_back("t", std::to_string(options.timeout->count()));
    if (options.timeout->count() >= 0) request.deadlines.head = *options.timeout + k_slow_call_deadline;
  }
  if (!options.signal.empty()) {
    co_await require_options(engine, {GatedOption::stop_signal});
    request.query.emplace_back("signal", std::move(options.signal));
  }
  co_return change_of(co_await engine.call(std::move(request)));
}

asio::awaitable<void> kill_container(Engine& engine, ContainerId id, std::string signal) {
  EngineRequest request = make_change("POST", id, "/kill");
  request.query = {{"signal", std::move(signal)}};
  co_await engine.call(std::move(request));
}

asio::awaitable<void> rename_container(Engine& engine, ContainerId id, std::string new_name) {
  resource_path(k_containers, new_name);  // refuses an empty name
  EngineRequest request = make_change("POST", id, "/rename");
  request.query = {{"name", std::move(new_name)}};
  co_await engine.call(std::move(request));
}

asio::awaitable<void> update_restart_policy(Engine& engine, ContainerId id, RestartPolicy policy) {
  EngineRequest request = make_change("POST", id, "/update");
  request.json_body = dump_json(json{{"RestartPolicy", make_restart_policy(policy)}});
  co_await engine.call(std::move(request));
}

namespace {

/// One DELETE. The conflict is returned, not thrown: what it means is for inspect to say.
asio::awaitable<std::optional<Error>> try_remove(Engine& engine, ContainerId id, RemoveOptions options,
                                                 ContainerRemoval& outcome) {
  EngineRequest request = make_change("DELETE", id, "");
  if (options.force) request.query.emplace_back("force", "1");
  if (options.anonymous_volumes) request.query.emplace_back("v", "1");
  try {
    co_await engine.call(std::move(request));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::conflict) co_return error;
    if (error.kind() != ErrorKind::not_found) throw;
    outcome = ContainerRemoval::was_absent;
  }
  co_return std::nullopt;
}

asio::awaitable<void> wait_until_removed(Engine& engine, ContainerId id) {
  try {
    EngineRequest request = make_change("POST", id, "/wait");
    request.query = {{"condition", "removed"}};
    request.deadlines.idle = k_slow_call_deadline;  // a removal that hangs must not hang us
    ArmedWait removal(co_await engine.open_stream(std::move(request)));
    co_await removal.result();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
}

}  // namespace

asio::awaitable<ContainerRemoval> remove_container(Engine& engine, ContainerId id, RemoveOptions options) {
  ContainerRemoval outcome = ContainerRemoval::removed;
  const std::optional<Error> conflict = co_await try_remove(engine, id, options, outcome);
  if (!conflict) co_return outcome;
  const std::optional<ContainerDetails> found = co_await find_container(engine, id);
  if (!found) co_return ContainerRemoval::removed;
  if (found->state != "removing") throw *conflict;
  co_await wait_until_removed(engine, found->id);
  co_return ContainerRemoval::removed;
}

}  // namespace halcyon::docker_api
