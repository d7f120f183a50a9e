// run_exec: create, start, talk, and only then ask for the exit code (G11).
#include "docker_api/exec.hpp"
#include "docker_api/process_end.hpp"
#include "docker_api/process_output.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

asio::awaitable<ExecOutput> run_exec(Engine& engine, ContainerId container, ExecOptions options,
                                     ExecInput input) {
  const bool tty = options.tty;
  std::optional<std::string> text;
  if (!input.stdin_text.empty()) options.stdin_open = true;
  if (options.stdin_open) text = std::move(input.stdin_text);
  const bool is_heard = options.stdout_open || options.stderr_open;
  const ExecId id = co_await create_exec(engine, std::move(container), std::move(options));
  ProcessStream stream = co_await start_exec(engine, id, tty);
  GatheredOutput output =
      co_await talk(engine.executor(), std::move(stream), std::move(text), input.output_limit_bytes);
  // Without any output nothing but the engine's word tells its end.
  ProcessEnd end(engine, "GET /exec/" + id.value + "/json", input.may_outlive_output || !is_heard);
  ExecDetails details = co_await inspect_exec(engine, id);
  while (!details.exit_code) {
    co_await end.still_runs();
    details = co_await inspect_exec(engine, id);
  }
  co_return ExecOutput{.stdout_text = std::move(output.stdout_text),
                       .stderr_text = std::move(output.stderr_text),
                       .exit_code = *details.exit_code,
                       .is_cut = output.is_cut};
}

}  // namespace halcyon::docker_api
