// What happens to a container's process, whoever asked for it.
#include <fmt/format.h>

#include <algorithm>

#include "docker_api/testing/core.hpp"

namespace halcyon::docker_api::fake {
namespace {

constexpr int k_killed = 137;
constexpr std::chrono::milliseconds k_first_restart_delay{100};
constexpr std::chrono::milliseconds k_longest_restart_delay{60'000};

Launch make_launch(const Container& container) {
  return {.container = container.name,
          .image = container.image_name,
          .command = container.command,
          .environment = container.environment,
          .labels = container.labels,
          .starts = container.starts};
}

void answer_waiters(Core& core, const Container& container, bool is_removal) {
  std::vector<Waiter> left;
  for (Waiter& waiter : core.waiters) {
    if (waiter.container_id != container.id || (waiter.condition == "removed") != is_removal) {
      left.push_back(std::move(waiter));
      continue;
    }
    waiter.stream->pending += fmt::format("{{\"Error\":null,\"StatusCode\":{}}}\n", container.exit_code);
    waiter.stream->ended = true;
  }
  core.waiters = std::move(left);
}

void end_listeners(Core& core, const Container& container) {
  std::erase_if(core.listeners, [&container](Listener& listener) {
    if (listener.container_id != container.id) return false;
    listener.stream->ended = true;
    return true;
  });
}

void end_execs(Core& core, Container& container) {
  for (const std::string& id : container.execs) {
    Exec& exec = core.execs.at(id);
    if (!exec.running) continue;
    exec.running = false;
    exec.exit_code = k_killed;
    exec.ends_at.reset();
    if (exec.stream) exec.stream->ended = true;
  }
}

/// As the engine decides after a process has ended without anybody having stopped it.
bool should_restart(const Container& container) {
  if (container.stopped_by_hand) return false;
  if (container.restart_policy == "always" || container.restart_policy == "unless-stopped") return true;
  return container.restart_policy == "on-failure" && container.exit_code != 0 &&
         (container.restart_most_times == 0 || container.restart_count < container.restart_most_times);
}

/// 100 ms, and twice as long each time.
std::chrono::milliseconds restart_delay(std::int64_t restarts) {
  const std::int64_t doublings = std::min<std::int64_t>(restarts, 10);
  return std::min(k_longest_restart_delay, k_first_restart_delay * (std::int64_t{1} << doublings));
}

void write_all(Core& core, Container& container, const std::vector<Output>& outputs) {
  for (const Output& output : outputs) write_output(core, container, output);
}

/// What the program does as soon as it has its input.
void run_on(Core& core, Container& container) {
  container.waits_for_input = false;
  if (container.program.echoes_input && !container.input.empty()) {
    write_output(core, container, {LogStream::stdout_stream, container.input});
  }
  write_all(core, container, container.program.output);
  if (container.program.runs_for) container.ends_at = *container.started + *container.program.runs_for;
}

void send_signal_event(Core& core, const Container& container, int signal) {
  core.emit_container(container, "kill", {{"signal", std::to_string(signal)}});
}

}  // namespace

void start_process(Core& core, Container& container) {
  container.program =
      core.settings.program ? core.settings.program(make_launch(container)) : runs_until_stopped();
  ++container.starts;
  connect_endpoints(core, container);
  if (!container.program.cannot_start.empty()) {
    release_addresses(core, container, false);
    container.error = container.program.cannot_start;
    container.exit_code = 127;
    throw Refusal{400, container.error};
  }
  container.error.clear();
  container.status = Status::running;
  container.stopped_by_hand = false;
  container.pid = core.new_pid();
  container.exit_code = 0;
  // Clients read milliseconds; two starts are never in the same one.
  container.started = core.now_after(container.started.value_or(Time{}) + std::chrono::milliseconds{1});
  container.restarts_at.reset();
  container.probes.clear();
  container.health = Health::starting;
  if (container.has_healthcheck && container.program.health != Health::starting) {
    container.health_at = *container.started + container.program.health_after;
  }
  core.emit_container(container, "start");
  container.waits_for_input =
      container.program.echoes_input && container.open_stdin && !container.input_ended;
  if (!container.waits_for_input) run_on(core, container);
}

void end_process(Core& core, Container& container, int exit_code) {
  container.exit_code = exit_code;
  container.finished = core.now();
  container.pid = 0;
  container.ends_at.reset();
  container.health_at.reset();
  container.waits_for_input = false;
  container.input_ended = false;
  container.input.clear();
  const bool restarts = should_restart(container);
  container.status = restarts ? Status::restarting : Status::exited;
  end_execs(core, container);
  core.emit_container(container, "die", {{"exitCode", std::to_string(exit_code)}});
  release_addresses(core, container, true);
  if (restarts) {
    container.restarts_at = *container.finished + restart_delay(container.restart_count);
  }
  answer_waiters(core, container, false);
  if (restarts) return;
  end_listeners(core, container);
  if (container.auto_remove) remove_record(core, container, true);
}

void stop_process(Core& core, Container& container) {
  container.stopped_by_hand = true;
  if (container.status == Status::restarting) {
    container.restarts_at.reset();
    container.status = Status::exited;
    end_listeners(core, container);
    return;
  }
  send_signal_event(core, container, 15);
  const auto exit_code = container.program.exit_code_when_stopped;
  if (exit_code) {
    write_all(core, container, container.program.last_output);
  } else {
    send_signal_event(core, container, 9);
  }
  end_process(core, container, exit_code.value_or(k_killed));
}

void take_input(Container& container, std::string_view bytes) { container.input += bytes; }

void end_input(Core& core, Container& container) {
  container.input_ended = true;
  if (!container.is_running() || !container.waits_for_input) return;
  run_on(core, container);
}

void remove_record(Core& core, Container& container, bool with_volumes) {
  core.emit_container(container, "destroy");
  answer_waiters(core, container, true);
  end_listeners(core, container);
  if (with_volumes) {
    for (const MountRecord& mount : container.mounts) {
      if (!mount.anonymous) continue;
      std::erase_if(core.volumes, [&mount](const Volume& volume) { return volume.name == mount.name; });
    }
  }
  for (const std::string& id : container.execs) core.execs.erase(id);
  std::erase_if(core.containers, [&container](const auto& other) { return other.get() == &container; });
}

void set_container_health(Core& core, Container& container, Health health, const std::string& output) {
  if (!container.is_running() || !container.has_healthcheck) return;
  container.health_at.reset();
  container.probes.push_back(
      {.at = core.now(), .exit_code = health == Health::healthy ? 0 : 1, .output = output});
  if (container.health == health) return;
  container.health = health;
  core.emit_container(container, fmt::format("health_status: {}", to_word(health)));
}

void tick_containers(Core& core, Time now) {
  // By id: what happens to one may remove it.
  std::vector<std::string> ids;
  ids.reserve(core.containers.size());
  for (const auto& container : core.containers) ids.push_back(container->id);
  for (const std::string& id : ids) {
    Container* container = core.find_container(id);
    if (container == nullptr) continue;
    if (container->health_at && *container->health_at <= now) {
      set_container_health(core, *container, container->program.health, container->program.health_output);
    }
    if (container->ends_at && *container->ends_at <= now) {
      end_process(core, *container, container->program.exit_code);
    } else if (container->restarts_at && *container->restarts_at <= now) {
      ++container->restart_count;
      try {
        start_process(core, *container);
      } catch (const Refusal&) {
        container->status = Status::exited;
        container->restarts_at.reset();
      }
    }
  }
}

void fold_deadline(std::optional<Time>& earliest, const std::optional<Time>& other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace halcyon::docker_api::fake
