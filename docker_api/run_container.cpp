#include "docker_api/run_container.hpp"

#include <boost/asio/this_coro.hpp>

#include "docker_api/container_attach.hpp"
#include "docker_api/error.hpp"
#include "docker_api/process_output.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

asio::awaitable<RunOutput> run_created(Engine& engine, ContainerId id, bool tty, RunInput& input) {
  std::optional<std::string> text;
  if (!input.stdin_text.empty()) text = std::move(input.stdin_text);
  ProcessStream stream = co_await attach_container(engine, id, {.stdin_open = text.has_value(), .tty = tty});
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::next_exit);
  co_await start_container(engine, id);
  GatheredOutput output =
      co_await talk(engine.executor(), std::move(stream), std::move(text), input.output_limit_bytes);
  const std::int64_t exit_code = co_await wait.result();
  co_return RunOutput{.id = id,
                      .exit_code = exit_code,
                      .stdout_text = std::move(output.stdout_text),
                      .stderr_text = std::move(output.stderr_text)};
}

}  // namespace

asio::awaitable<RunOutput> run_container(Engine& engine, ContainerSpec spec, RunInput input) {
  if (!input.stdin_text.empty()) spec.open_stdin = true;
  const bool tty = spec.tty;
  const CreatedContainer created = co_await create_container(engine, std::move(spec));
  std::exception_ptr failed;
  RunOutput output;
  try {
    output = co_await run_created(engine, created.id, tty, input);
  } catch (...) {
    failed = std::current_exception();
  }
  if (input.remove) {
    // Cleaning up is not the caller's to cancel any more.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    try {
      co_await remove_container(engine, created.id, {.force = true, .anonymous_volumes = true});
    } catch (const Error&) {
      if (!failed) failed = std::current_exception();
    }
  }
  if (failed) std::rethrow_exception(failed);
  co_return output;
}

}  // namespace halcyon::docker_api
