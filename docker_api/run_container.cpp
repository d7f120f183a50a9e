#include "docker_api/run_container.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "docker_api/container_attach.hpp"
#include "docker_api/error.hpp"
#include "docker_api/process_end.hpp"
#include "docker_api/process_output.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

/// Nothing more comes from it: it has ended, is gone, or the engine starts it again.
bool has_ended(const std::optional<ContainerDetails>& container) {
  return !container || !container->running || container->restart_count > 0;
}

asio::awaitable<RunOutput> run_created(Engine& engine, ContainerId id, bool tty, bool has_stdin,
                                       RunInput& input) {
  std::optional<std::string> text;
  if (has_stdin) text = std::move(input.stdin_text);
  ProcessStream stream = co_await attach_container(engine, id, {.stdin_open = text.has_value(), .tty = tty});
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::next_exit);
  co_await start_container(engine, id);
  GatheredOutput output =
      co_await talk(engine.executor(), std::move(stream), std::move(text), input.output_limit_bytes);
  ProcessEnd end(engine, "GET /containers/" + id.value + "/json", input.may_outlive_output);
  bool over = input.may_outlive_output;
  while (!over) {
    over = has_ended(co_await find_container(engine, id));
    if (!over) co_await end.still_runs();
  }
  const std::int64_t exit_code = co_await wait.result();
  co_return RunOutput{.id = id,
                      .exit_code = exit_code,
                      .stdout_text = std::move(output.stdout_text),
                      .stderr_text = std::move(output.stderr_text),
                      .is_cut = output.is_cut};
}

/// Runs what is not the caller's to cancel: it has no part in the caller's cancellation state. Whoever awaits
/// this must have said throw_if_cancelled(false), or it does not even begin.
template <class T>
asio::awaitable<T> uncancelled(Engine& engine, asio::awaitable<T> operation) {
  co_return co_await asio::co_spawn(
      engine.executor(), std::move(operation),
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
}

Error given_up() {
  return Error({.kind = ErrorKind::cancelled,
                .endpoint = "run a container",
                .in_doubt = true,
                .explanation = "given up by the caller"});
}

asio::awaitable<void> throw_if_given_up() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw given_up();
}

/// Everything, with the errors of its parts. To be awaited with throw_if_cancelled(false).
asio::awaitable<RunOutput> run_and_remove(Engine& engine, ContainerSpec spec, RunInput input) {
  const bool has_stdin = spec.open_stdin;
  const bool tty = spec.tty;
  // A container whose name and id nobody has learnt could not be removed.
  const CreatedContainer created = co_await uncancelled(engine, create_container(engine, std::move(spec)));
  std::exception_ptr failed;
  RunOutput output;
  try {
    co_await throw_if_given_up();
    co_await asio::this_coro::throw_if_cancelled(true);
    output = co_await run_created(engine, created.id, tty, has_stdin, input);
  } catch (const boost::system::system_error&) {
    failed = std::make_exception_ptr(given_up());  // Asio's own word, between two of our waits
  } catch (...) {
    failed = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    const RemoveOptions options{.force = true, .anonymous_volumes = true};
    if (input.remove) co_await uncancelled(engine, remove_container(engine, created.id, options));
  } catch (...) {
    if (!failed) failed = std::current_exception();
  }
  if (failed) std::rethrow_exception(failed);
  co_return output;
}

}  // namespace

asio::awaitable<RunOutput> run_container(Engine& engine, ContainerSpec spec, RunInput input) {
  if (!input.stdin_text.empty()) spec.open_stdin = true;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::exception_ptr failed;
  RunOutput output;
  try {
    output = co_await run_and_remove(engine, std::move(spec), std::move(input));
  } catch (...) {
    failed = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (failed) std::rethrow_exception(failed);
  co_return output;
}

}  // namespace halcyon::docker_api
