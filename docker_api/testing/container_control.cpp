// Start, stop and what else is done to a container as a whole.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

[[noreturn]] void refuse_not_running(const Container& container) {
  throw Refusal{409, fmt::format("Container {} is not running", container.id)};
}

/// "SIGTERM", "TERM", "15" -> 15; 0 for nonsense.
int signal_number(std::string name) {
  if (name.starts_with("SIG")) name.erase(0, 3);
  constexpr std::array<std::pair<std::string_view, int>, 8> k_signals{{{"HUP", 1},
                                                                       {"INT", 2},
                                                                       {"QUIT", 3},
                                                                       {"KILL", 9},
                                                                       {"USR1", 10},
                                                                       {"USR2", 12},
                                                                       {"TERM", 15},
                                                                       {"WINCH", 28}}};
  for (const auto& [word, number] : k_signals) {
    if (name == word || name == std::to_string(number)) return number;
  }
  return 0;
}

/// A signal that its program takes for the order to end: here any but these.
bool ends_process(int signal) { return signal != 1 && signal != 10 && signal != 12 && signal != 28; }

}  // namespace

Answer start_container(Core& core, const Call& call) {
  if (call.request.body.size() > 7) {
    throw Refusal{400,
                  "starting container with non-empty request body was deprecated since API v1.22 and removed "
                  "in v1.24"};
  }
  Container& container = core.container(call.name);
  if (container.status == Status::paused) {
    throw Refusal{409, "cannot start a paused container, try unpause instead"};
  }
  if (container.is_running() || container.status == Status::restarting) return answer_empty(304);
  core.effect("container.start", container.name);
  container.restart_count = 0;
  start_process(core, container);
  return answer_empty(204);
}

Answer stop_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  if (!container.is_running() && container.status != Status::restarting) return answer_empty(304);
  core.effect("container.stop", container.name);
  const std::string id = container.id;
  stop_process(core, container);
  if (Container* present = core.find_container(id)) core.emit_container(*present, "stop");
  return answer_empty(204);
}

Answer restart_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  core.effect("container.restart", container.name);
  const bool auto_remove = std::exchange(container.auto_remove, false);
  if (container.is_running() || container.status == Status::restarting) {
    stop_process(core, container);
    core.emit_container(container, "stop");
  }
  container.auto_remove = auto_remove;
  start_process(core, container);
  core.emit_container(container, "restart");
  return answer_empty(204);
}

Answer kill_container(Core& core, const Call& call) {
  const std::string name =
      call.request.has_parameter("signal") ? call.request.parameter("signal") : "SIGKILL";
  const int signal = signal_number(name);
  if (signal == 0) throw Refusal{400, fmt::format("Invalid signal: {}", name)};
  Container& container = core.container(call.name);
  if (!container.is_running()) {
    throw Refusal{
        409, fmt::format("Cannot kill container: {}: Container {} is not running", call.name, container.id)};
  }
  core.effect("container.kill", container.name);
  if (signal == 15) {
    stop_process(core, container);
  } else {
    core.emit_container(container, "kill", {{"signal", std::to_string(signal)}});
    container.stopped_by_hand = ends_process(signal);
    if (ends_process(signal)) end_process(core, container, 128 + signal);
  }
  return answer_empty(204);
}

Answer pause_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  if (container.status == Status::paused) {
    throw Refusal{409, fmt::format("Container {} is already paused", container.id)};
  }
  if (!container.is_running()) refuse_not_running(container);
  core.effect("container.pause", container.name);
  container.status = Status::paused;
  core.emit_container(container, "pause");
  return answer_empty(204);
}

Answer unpause_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  if (container.status != Status::paused) {
    throw Refusal{500, fmt::format("Container {} is not paused", container.id)};
  }
  core.effect("container.unpause", container.name);
  container.status = Status::running;
  core.emit_container(container, "unpause");
  return answer_empty(204);
}

Answer rename_container(Core& core, const Call& call) {
  std::string name = call.request.parameter("name");
  if (name.starts_with('/')) name.erase(0, 1);
  if (name.empty()) throw Refusal{400, "Neither old nor new names may be empty"};
  Container& container = core.container(call.name);
  if (name == container.name) {
    throw Refusal{400, "Renaming a container with the same name as its current name"};
  }
  const auto refuse = [](const std::string& why) {
    throw Refusal{why.starts_with("Conflict") ? 409 : 400, "Error when allocating new name: " + why};
  };
  if (const auto why = find_name_problem(core, name)) refuse(*why);
  core.effect("container.rename", container.name);
  const std::string old_name = std::exchange(container.name, name);
  core.emit_container(container, "rename", {{"oldName", "/" + old_name}});
  return answer_empty(204);
}

Answer update_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  const json body = read_body(call.request);
  json host = json::parse(container.host_json);
  for (const auto& [key, value] : body.items()) host[key] = value;
  const json policy = body.contains("RestartPolicy") ? body.at("RestartPolicy") : json();
  if (policy.is_object()) {
    const std::string name = policy.value("Name", "");
    if (!name.empty() && name != "no" && name != "always" && name != "unless-stopped" &&
        name != "on-failure") {
      throw Refusal{400, fmt::format("invalid restart policy '{}'", name)};
    }
  }
  core.effect("container.update", container.name);
  if (policy.is_object()) {
    container.restart_policy = policy.value("Name", "");
    container.restart_most_times = policy.value("MaximumRetryCount", std::int64_t{0});
  }
  container.host_json = host.dump();
  core.emit_container(container, "update");
  return answer_json({{"Warnings", nullptr}});
}

Answer remove_container(Core& core, const Call& call) {
  Container& container = core.container(call.name);
  const bool force = call.request.flag("force");
  const bool runs = container.is_running() || container.status == Status::restarting;
  if (runs && !force) {
    throw Refusal{409,
                  fmt::format("You cannot remove a {} container {}. {}", status_word(container), container.id,
                              container.status == Status::paused
                                  ? "Unpause and then stop the container before attempting removal or "
                                    "force remove"
                                  : "Stop the container before attempting removal or force remove")};
  }
  core.effect("container.remove", container.name);
  if (container.is_running()) {
    container.stopped_by_hand = true;
    container.auto_remove = false;
    core.emit_container(container, "kill", {{"signal", "9"}});
    end_process(core, container, 137);
  }
  remove_record(core, container, call.request.flag("v"));
  return answer_empty(204);
}

Answer wait_container(Core& core, const Call& call) {
  std::string condition = call.request.parameter("condition");
  if (condition.empty()) condition = "not-running";
  if (condition != "not-running" && condition != "next-exit" && condition != "removed") {
    if (call.request.version >= ApiVersion{1, 42}) {
      throw Refusal{400, fmt::format("invalid condition: \"{}\"", condition)};
    }
    condition = "not-running";
  }
  const Container& container = core.container(call.name);
  const auto stream = std::make_shared<Stream>();
  const bool runs = container.is_running() || container.status == Status::restarting;
  if (condition == "not-running" && !runs) {
    stream->pending = json{{"Error", nullptr}, {"StatusCode", container.exit_code}}.dump() + "\n";
    stream->ended = true;
  } else {
    core.waiters.push_back({.container_id = container.id, .condition = condition, .stream = stream});
  }
  return {.headers = {{"Content-Type", "application/json"}}, .stream = stream};
}

Answer resize_container(Core& core, const Call& call) {
  const Container& container = core.container(call.name);
  if (!container.is_running()) refuse_not_running(container);
  core.emit_container(container, "resize",
                      {{"height", call.request.parameter("h")}, {"width", call.request.parameter("w")}});
  return answer_empty(200);
}

}  // namespace halcyon::docker_api::fake
