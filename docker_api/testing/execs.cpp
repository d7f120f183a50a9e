#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

Exec& find_exec(Core& core, const std::string& id) {
  const auto found = core.execs.find(id);
  if (found == core.execs.end()) throw Refusal{404, fmt::format("No such exec instance: {}", id)};
  return found->second;
}

void require_running(const Container& container) {
  if (container.status == Status::paused) {
    throw Refusal{409,
                  fmt::format("Container {} is paused, unpause the container before exec", container.name)};
  }
  if (!container.is_running()) {
    throw Refusal{409, fmt::format("Container {} is not running", container.id)};
  }
}

std::string show_exec_command(const Exec& exec) { return fmt::format("{}", fmt::join(exec.command, " ")); }

void emit_exec(Core& core, const Exec& exec, std::string action,
               std::map<std::string, std::string> more = {}) {
  if (const Container* container = core.find_container(exec.container_id)) {
    more["execID"] = exec.id;
    core.emit_container(*container, std::move(action), std::move(more));
  }
}

void write(const Exec& exec, LogStream stream, std::string_view text) {
  const bool wanted = stream == LogStream::stderr_stream ? exec.attach_stderr : exec.attach_stdout;
  if (!exec.stream || !wanted || text.empty()) return;
  exec.stream->pending += exec.tty ? std::string(text) : frame(stream, text);
}

void finish(Core& core, Exec& exec, int exit_code) {
  exec.running = false;
  exec.exit_code = exit_code;
  exec.ends_at.reset();
  emit_exec(core, exec, "exec_die", {{"exitCode", std::to_string(exit_code)}});
  if (exec.stream) exec.stream->ended = true;
  exec.stream.reset();
}

void run_exec_on(Core& core, Exec& exec) {
  if (exec.program.echoes_input) write(exec, LogStream::stdout_stream, exec.input);
  for (const Output& output : exec.program.output) write(exec, output.stream, output.text);
  if (exec.program.runs_for) exec.ends_at = core.now() + *exec.program.runs_for;
}

void start(Core& core, Exec& exec, const Container& container) {
  exec.started = true;
  exec.running = true;
  exec.program = core.settings.exec_program
                     ? core.settings.exec_program({.container = container.name,
                                                   .image = container.image_name,
                                                   .command = exec.command,
                                                   .environment = container.environment,
                                                   .labels = container.labels})
                     : exits_with(0);
  emit_exec(core, exec, fmt::format("exec_start: {}", show_exec_command(exec)));
  if (!exec.program.cannot_start.empty()) {
    write(exec, LogStream::stdout_stream, exec.program.cannot_start + "\r\n");
    exec.running = false;
    exec.exit_code = 126;
    if (exec.stream) exec.stream->ended = true;
    return;
  }
  exec.pid = core.new_pid();
  if (!exec.program.echoes_input || !exec.attach_stdin) run_exec_on(core, exec);
}

Answer begin_stream(const Request& request, const Exec& exec, std::shared_ptr<Stream> stream) {
  const bool multiplexed = request.version >= ApiVersion{1, 42} && !exec.tty;
  return {.status = request.header("Upgrade").empty() ? 200 : 101,
          .headers = {{"Content-Type", multiplexed ? "application/vnd.docker.multiplexed-stream"
                                                   : "application/vnd.docker.raw-stream"}},
          .stream = std::move(stream),
          .raw = true};
}

}  // namespace

Answer create_exec(Core& core, const Call& call) {
  const json body = read_body(call.request);
  if (!body.contains("Cmd") || !body["Cmd"].is_array() || body["Cmd"].empty()) {
    throw Refusal{400, "No exec command specified"};
  }
  Container& container = core.container(call.name);
  require_running(container);
  core.effect("exec.create", container.name);
  Exec exec{.id = core.new_id(),
            .container_id = container.id,
            .command = body["Cmd"],
            .tty = body.value("Tty", false),
            .attach_stdin = body.value("AttachStdin", false),
            .attach_stdout = body.value("AttachStdout", false),
            .attach_stderr = body.value("AttachStderr", false)};
  container.execs.push_back(exec.id);
  const Exec& stored = core.execs[exec.id] = exec;
  emit_exec(core, stored, fmt::format("exec_create: {}", show_exec_command(stored)));
  return answer_json({{"Id", stored.id}}, 201);
}

Answer start_exec(Core& core, const Call& call) {
  const json body = read_body(call.request);
  Exec& exec = find_exec(core, call.name);
  const Container& container = core.container(exec.container_id);
  require_running(container);
  const bool detached = body.value("Detach", false);
  if (exec.started) {
    const std::string words = fmt::format("Error: Exec command {} has already run", exec.id);
    if (detached) throw Refusal{409, words};
    const auto stream = std::make_shared<Stream>();
    stream->pending = exec.tty ? words + "\r\n" : frame(LogStream::stdout_stream, words + "\r\n");
    stream->ended = true;
    return begin_stream(call.request, exec, stream);
  }
  core.effect("exec.start", container.name);
  if (detached) {
    exec.attach_stdin = false;
    start(core, exec, container);
    return answer_empty(200);
  }
  const auto stream = std::make_shared<Stream>();
  exec.stream = stream;
  const std::string id = exec.id;
  stream->on_input = [&core, id](std::string_view bytes) {
    const auto found = core.execs.find(id);
    if (found != core.execs.end()) found->second.input += bytes;
  };
  stream->on_input_end = [&core, id] {
    const auto found = core.execs.find(id);
    if (found == core.execs.end() || !found->second.running) return;
    if (found->second.program.echoes_input && found->second.attach_stdin) run_exec_on(core, found->second);
  };
  start(core, exec, container);
  return begin_stream(call.request, exec, stream);
}

Answer inspect_exec(Core& core, const Call& call) {
  const Exec& exec = find_exec(core, call.name);
  const std::vector<std::string> arguments(exec.command.begin() + 1, exec.command.end());
  return answer_json({{"ID", exec.id},
                      {"Running", exec.running},
                      {"ExitCode", exec.exit_code ? json(*exec.exit_code) : json()},
                      {"ProcessConfig",
                       {{"tty", exec.tty},
                        {"entrypoint", exec.command.front()},
                        {"arguments", arguments},
                        {"privileged", false}}},
                      {"OpenStdin", exec.attach_stdin},
                      {"OpenStderr", exec.attach_stderr},
                      {"OpenStdout", exec.attach_stdout},
                      {"CanRemove", false},
                      {"ContainerID", exec.container_id},
                      {"DetachKeys", ""},
                      {"Pid", exec.pid}});
}

Answer resize_exec(Core& core, const Call& call) {
  const Exec& exec = find_exec(core, call.name);
  if (!exec.running) throw Refusal{409, fmt::format("Exec {} is not running", exec.id)};
  return answer_empty(200);
}

void tick_execs(Core& core, Time now) {
  for (auto& [id, exec] : core.execs) {
    if (exec.ends_at && *exec.ends_at <= now) finish(core, exec, exec.program.exit_code);
  }
}

}  // namespace halcyon::docker_api::fake
