#include "docker_api/exec.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/error.hpp"
#include "docker_api/json_call.hpp"
#include "docker_api/json_fields.hpp"
#include "docker_api/resource_path.hpp"
#include "docker_api/version_gates.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::string_view k_exec = "/exec/";

json make_exec_body(const ExecOptions& options, ApiVersion version) {
  if (options.command.empty()) {
    throw Error({.kind = ErrorKind::invalid_argument,
                 .endpoint = "POST /containers/{id}/exec",
                 .explanation = "there is no command to run"});
  }
  json body{{"Cmd", options.command},
            {"AttachStdin", options.stdin_open},
            {"AttachStdout", options.stdout_open},
            {"AttachStderr", options.stderr_open},
            {"Tty", options.tty}};
  for (const auto& [name, value] : options.environment)
    body["Env"].push_back(fmt::format("{}={}", name, value));
  if (!options.user.empty()) body["User"] = options.user;
  if (!options.working_dir.empty()) body["WorkingDir"] = options.working_dir;
  if (!options.detach_keys.empty()) body["DetachKeys"] = options.detach_keys;
  if (options.privileged) body["Privileged"] = true;
  if (options.console_size) {
    require_option(version, GatedOption::console_size);
    body["ConsoleSize"] = {options.console_size->rows, options.console_size->columns};
  }
  return body;
}

EngineRequest make_start(const ExecId& id, bool tty, bool detach) {
  return {.method = "POST",
          .path = resource_path(k_exec, id.value, "/start"),
          .json_body = dump_json({{"Detach", detach}, {"Tty", tty}})};
}

ExecDetails parse_exec(const json& body, EngineKind kind) {
  ExecDetails details{.id = ExecId(get_string(body, "ID")),
                      .container = ContainerId(get_string(body, "ContainerID")),
                      .running = get_bool(body, "Running"),
                      .pid = get_int64(body, "Pid")};
  // Podman gives 0 before the end, too; there "can be removed" means that it has run and ended.
  bool has_ended = !details.running && !get_field(body, "ExitCode").is_null();
  if (has_ended && kind == EngineKind::podman) has_ended = get_bool(body, "CanRemove");
  if (has_ended) details.exit_code = get_int64(body, "ExitCode");
  return details;
}

}  // namespace

asio::awaitable<ExecId> create_exec(Engine& engine, ContainerId container, ExecOptions options) {
  const ApiVersion version = co_await engine.api_version();
  EngineRequest request{.method = "POST",
                        .path = resource_path("/containers/", container.value, "/exec"),
                        .json_body = dump_json(make_exec_body(options, version))};
  co_return ExecId(co_await call_for(engine, std::move(request),
                                     [](const json& answer) { return take_id(answer, "Id"); }));
}

asio::awaitable<ProcessStream> start_exec(Engine& engine, ExecId id, bool tty) {
  DuplexStream stream = co_await engine.open_duplex(make_start(id, tty, false));
  co_return ProcessStream(std::move(stream), !tty);
}

asio::awaitable<void> start_exec_detached(Engine& engine, ExecId id, bool tty) {
  co_await engine.call(make_start(id, tty, true));  // Podman answers with a text: of no interest
}

asio::awaitable<void> resize_exec(Engine& engine, ExecId id, ConsoleSize size) {
  co_await engine.call({.method = "POST",
                        .path = resource_path(k_exec, id.value, "/resize"),
                        .query = {{"h", std::to_string(size.rows)}, {"w", std::to_string(size.columns)}}});
}

asio::awaitable<ExecDetails> inspect_exec(Engine& engine, ExecId id) {
  const EngineKind kind = co_await engine.kind();
  co_return co_await call_for(engine, {.path = resource_path(k_exec, id.value, "/json")},
                              [kind](const json& body) { return parse_exec(body, kind); });
}

}  // namespace halcyon::docker_api
