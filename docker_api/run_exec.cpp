// run_exec: create, start, talk, and only then ask for the exit code (G11).
#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "docker_api/error.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/process_output.hpp"

namespace halcyon::docker_api {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds k_first_pause{2};
constexpr std::chrono::milliseconds k_longest_pause{100};
constexpr std::chrono::seconds k_exit_code_deadline{10};

std::string endpoint_of(const ExecId& id) { return "GET /exec/" + id.value + "/json"; }

asio::awaitable<void> pause(Engine& engine, std::chrono::milliseconds duration, const ExecId& id) {
  asio::steady_timer timer(engine.executor(), duration);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw Error(
        {.kind = ErrorKind::cancelled, .endpoint = endpoint_of(id), .explanation = "given up by the caller"});
  }
}

/// The streams end a moment before the engine has noted the exit code. Without any there is nothing else that
/// tells its end, so it is waited for as long as it takes.
asio::awaitable<std::int64_t> read_exit_code(Engine& engine, const ExecId& id, bool has_ended) {
  const auto deadline = std::chrono::steady_clock::now() + k_exit_code_deadline;
  std::chrono::milliseconds wait = k_first_pause;
  for (;;) {
    const ExecDetails details = co_await inspect_exec(engine, id);
    if (details.exit_code) co_return *details.exit_code;
    if (has_ended && std::chrono::steady_clock::now() > deadline) break;
    co_await pause(engine, wait, id);
    wait = std::min(wait * 2, k_longest_pause);
  }
  const std::optional<ApiVersion> version = engine.known_api_version();
  throw Error(
      {.kind = ErrorKind::timeout,
       .endpoint = endpoint_of(id),
       .api_version = version ? to_string(*version) : "",
       .in_doubt = true,
       .explanation = fmt::format("its output has ended, but no exit code within {} s: does it still run "
                                  "in the background?",
                                  k_exit_code_deadline.count())});
}

}  // namespace

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
  co_return ExecOutput{.stdout_text = std::move(output.stdout_text),
                       .stderr_text = std::move(output.stderr_text),
                       .exit_code = co_await read_exit_code(engine, id, is_heard)};
}

}  // namespace halcyon::docker_api
