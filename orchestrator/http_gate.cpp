#include "orchestrator/http_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/events.hpp"
#include "orchestrator/bounded.hpp"
#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr milliseconds k_first_pause{2};
constexpr milliseconds k_longest_pause{200};
/// The host's own bridge connects at once; one that does not is asked again after a look at its container,
/// which may have exited: then nobody answers at its address at all.
constexpr milliseconds k_longest_connect{300};
constexpr milliseconds k_look_at_container_every{100};
constexpr std::size_t k_gate_body_limit_bytes = std::size_t{1} << 20;
constexpr int k_log_lines_shown = 10;
constexpr milliseconds k_longest_silence_of_events{1'000};
constexpr milliseconds k_longest_look_at_events{1'000};  // beside one silence

/// One request on a fresh connection; why it does not count, or nothing if it does.
asio::awaitable<std::optional<std::string>> ask_once(asio::any_io_executor executor,
                                                     const GateTarget& target) {
  std::optional<std::string> refusal;
  try {
    const docker_api::HttpDeadlines deadlines{
        .connect = std::min(target.gate.request_timeout, k_longest_connect),
        .head = target.gate.request_timeout,
        .idle = target.gate.request_timeout};
    docker_api::EngineAddress address = docker_api::TcpAddress{target.address, target.port};
    auto connection =
        co_await docker_api::HttpConnection::open(executor, std::move(address), deadlines.connect);
    docker_api::HttpRequest request;
    request.target = target.gate.path;
    request.host = target.host;
    request.headers = {{"User-Agent", "halcyon-gate"}, {"X-Forwarded-Proto", "http"}};
    request.keep_alive = false;
    const auto answer =
        co_await docker_api::exchange(*connection, std::move(request), deadlines, k_gate_body_limit_bytes);
    refusal = judge_answer(target.gate, answer, target.release);
  } catch (const docker_api::Error& error) {
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
    refusal = error.what();
  }
  co_return refusal;
}

/// What the container first exited with, before the engine started it again; empty if the engine cannot tell.
/// A container that runs does not tell: only the events of its deaths do.
///
/// Shape: the events since before the gate, read as far as its first death. Without an end (`until`), as
/// Podman 4 then leaves out some: the engine has nothing to say when a second has passed in silence, and at
/// two it is not listened to any longer, whatever else it tells.
asio::awaitable<std::string> find_first_exit_code(docker_api::Engine& engine, const GateTarget& target) {
  try {
    docker_api::EventOptions options;
    options.filters = {{"container", {target.container.value}}, {"type", {"container"}}};
    options.since = std::chrono::system_clock::now() - target.gate.deadline - std::chrono::minutes(1);
    options.idle = k_longest_silence_of_events;
    docker_api::EventStream events = co_await docker_api::open_events(engine, std::move(options));
    const auto give_up = Clock::now() + k_longest_look_at_events;
    while (Clock::now() < give_up) {
      const auto event = co_await events.next();
      if (!event) break;
      const auto code = event->attributes.find("exitCode");
      if (event->action == "die" && code != event->attributes.end()) co_return code->second;
    }
  } catch (const docker_api::Error& error) {
    // It only explains another failure; an engine without events must not hide that.
    if (error.kind() == docker_api::ErrorKind::cancelled) throw;
  }
  co_return "";
}

/// `first_exit_code`: of a container that runs again, empty if not known.
std::string describe_container(const docker_api::ContainerDetails& container,
                               const std::string& first_exit_code) {
  std::string text = fmt::format("container {} is {}", container.name, container.state);
  if (!container.running) text += fmt::format(", exit code {}", container.exit_code);
  if (container.restart_count > 0) text += fmt::format(", restarted {} times", container.restart_count);
  if (!first_exit_code.empty()) text += fmt::format(", first after exit code {}", first_exit_code);
  if (container.oom_killed) text += ", killed because it ran out of memory";
  if (!container.error.empty()) text += fmt::format(", engine says: {}", container.error);
  if (container.health != docker_api::HealthStatus::none) {
    text += fmt::format(", HEALTHCHECK {}", docker_api::to_string(container.health));
    if (!container.health_log.empty()) text += fmt::format(" (\"{}\")", container.health_log.back());
  }
  return text;
}

[[noreturn]] void throw_refused(const GateTarget& target, const std::string& why,
                                const std::string& container, const std::string& log) {
  throw Error(Outcome::aborted,
              fmt::format("the gate of {} did not hold: {}. Asked: GET http://{}:{}{} with Host {}; {}.{}"
                          "\nLook at the log lines, or at gate.path, port and gate.deadline in the "
                          "configuration",
                          target.container_name, why, target.address, target.port, target.gate.path,
                          target.host, container,
                          log.empty() ? " It wrote nothing to its log." : "\nIts last log lines:\n" + log));
}

/// What the container's state says against the gate; nothing if it is fine.
std::optional<std::string> find_container_fault(const docker_api::ContainerDetails& now,
                                                const GateTarget& target) {
  if (now.id != target.container) return "another container has taken its name";
  if (now.restart_count > target.restarts) return "it crashed and was restarted";
  if (!now.running) return "it stopped";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> judge_answer(const Gate& gate, const docker_api::HttpResponse& answer,
                                        std::string_view release) {
  if (std::find(gate.statuses.begin(), gate.statuses.end(), answer.status) == gate.statuses.end()) {
    return fmt::format("it answered status {}, wanted {}", answer.status, fmt::join(gate.statuses, " or "));
  }
  if (!gate.contains.empty() && answer.body.find(gate.contains) == std::string::npos) {
    return fmt::format("its answer does not contain \"{}\"", gate.contains);
  }
  if (!gate.release_header.empty()) {
    const auto header = answer.find_header(gate.release_header);
    if (!header) return fmt::format("its answer has no {} header", gate.release_header);
    if (*header != release)
      return fmt::format("{} says {}, wanted {}", gate.release_header, *header, release);
  }
  return std::nullopt;
}

asio::awaitable<std::string> read_last_log_lines(docker_api::Engine& engine,
                                                 docker_api::ContainerId container, int lines) {
  std::string text;
  docker_api::LogOptions options;
  options.tail = lines;
  try {
    co_await docker_api::read_logs(engine, std::move(container), options,
                                   [&text](docker_api::LogStream, std::string_view piece) {
                                     if (text.size() < std::size_t{16} * 1024) text += piece;
                                   });
  } catch (const docker_api::Error& error) {
    // The log only explains another failure; its absence must not hide that.
    text = fmt::format("(log not readable: {})\n", error.what());
  }
  std::string shown = text.empty() ? "" : "    ";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (c == '\n') {
      shown += "\n    ";
    } else {
      shown += control ? '?' : c;
    }
  }
  co_return shown;
}

asio::awaitable<void> wait_for_gate(docker_api::Engine& engine, GateTarget target, GateProgress progress) {
  const auto deadline = Clock::now() + target.gate.deadline;
  auto look_again = Clock::now() + k_look_at_container_every;
  milliseconds pause_for = k_first_pause;
  int in_a_row = 0;
  std::string last_refusal = "no answer yet";
  std::optional<std::string> fault;
  while (!fault) {
    const std::optional<std::string> refusal = co_await ask_once(engine.executor(), target);
    in_a_row = refusal ? 0 : in_a_row + 1;
    if (refusal) last_refusal = *refusal;
    progress(in_a_row, refusal.value_or(""));
    const bool held = in_a_row >= target.gate.successes;
    const auto now = Clock::now();
    if (held || now >= look_again || (refusal && now >= deadline)) {
      const auto container = co_await docker_api::inspect_container(engine, target.container);
      fault = find_container_fault(container, target);
      look_again = now + k_look_at_container_every;
      if (held && !fault) co_return;
    }
    if (!fault && now >= deadline) fault = fmt::format("not within {} ms", target.gate.deadline.count());
    if (fault) break;
    co_await pause(refusal ? pause_for : target.gate.interval);
    pause_for = refusal ? std::min(pause_for * 3 / 2 + milliseconds(1), k_longest_pause) : k_first_pause;
  }
  const auto container = co_await docker_api::find_container(engine, target.container);
  const bool was_restarted = container && container->running && container->restart_count > target.restarts;
  std::string first_exit;
  if (was_restarted) first_exit = co_await find_first_exit_code(engine, target);
  const std::string log = co_await read_last_log_lines(engine, target.container, k_log_lines_shown);
  throw_refused(target, *fault + "; last refusal: " + last_refusal,
                container ? describe_container(*container, first_exit) : "the container is gone", log);
}

}  // namespace halcyon::orchestrator
