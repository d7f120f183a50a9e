#include "docker_api/run_container.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "docker_api/container_attach.hpp"
#include "docker_api/error.hpp"
#include "docker_api/process_output.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

asio::awaitable<RunOutput> run_created(Engine& engine, ContainerId id, bool tty, bool has_stdin,
                                       RunInput& input) {
  std::optional<std::string> text;
  if (has_stdin) text = std::move(input.stdin_text);
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

/// Cleaning up is not the caller's to cancel: it has no part in the caller's cancellation state, which stays
/// as it is.
asio::awaitable<std::exception_ptr> remove_uncancelled(Engine& engine, ContainerId id) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::exception_ptr failed;
  try {
    co_await asio::co_spawn(
        engine.executor(),
        remove_container(engine, std::move(id), {.force = true, .anonymous_volumes = true}),
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  } catch (...) {
    failed = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return failed;
}

}  // namespace

asio::awaitable<RunOutput> run_container(Engine& engine, ContainerSpec spec, RunInput input) {
  if (!input.stdin_text.empty()) spec.open_stdin = true;
  const bool has_stdin = spec.open_stdin;
  const bool tty = spec.tty;
  const CreatedContainer created = co_await create_container(engine, std::move(spec));
  std::exception_ptr failed;
  RunOutput output;
  try {
    output = co_await run_created(engine, created.id, tty, has_stdin, input);
  } catch (...) {
    failed = std::current_exception();
  }
  if (input.remove) {
    const std::exception_ptr not_removed = co_await remove_uncancelled(engine, created.id);
    if (!failed) failed = not_removed;
  }
  if (failed) std::rethrow_exception(failed);
  co_return output;
}

}  // namespace halcyon::docker_api
