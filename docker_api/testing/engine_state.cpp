#include "docker_api/testing/engine_state.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "docker_api/error.hpp"
#include "docker_api/testing/core.hpp"
#include "docker_api/testing/handlers.hpp"
#include "docker_api/testing/image_names.hpp"

namespace halcyon::docker_api::fake {
namespace {

Answer refuse_path(const Request& request) {
  if (request.path.find("//") != std::string::npos) {
    std::string clean;
    for (const char c : request.target.substr(0, request.target.find('?'))) {
      if (c != '/' || clean.empty() || clean.back() != '/') clean += c;
    }
    return {.status = 301, .headers = {{"Location", clean}}, .common_headers = false};
  }
  Answer answer = answer_error(404, "page not found");
  answer.common_headers = false;
  return answer;
}

std::optional<Answer> refuse_version(const Settings& settings, ApiVersion version) {
  if (version > settings.api_version) {
    return answer_error(400, fmt::format("client version {} is too new. Maximum supported API version is {}",
                                         to_string(version), to_string(settings.api_version)));
  }
  if (version < settings.oldest_api_version) {
    return Answer{
        .status = 400,
        .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
        .body = fmt::format("client version {} is too old. Minimum supported API version is {}, please "
                            "upgrade your client to a newer version\n",
                            to_string(version), to_string(settings.oldest_api_version))};
  }
  return std::nullopt;
}

Container& require(Core& core, const std::string& name) {
  if (Container* found = core.find_container(name)) return *found;
  throw Error({.kind = ErrorKind::not_found,
               .explanation = fmt::format("the fake engine has no container {}", name)});
}

/// After the handler: what it has done is done.
void announce_done(Core& core, std::size_t first) {
  for (std::size_t i = first; i < core.effects.size() && core.hook; ++i) {
    if (core.hook(core.effects[i], Moment::after) == Verdict::die) throw EngineDied{};
  }
}

void forget_connections(Core& core) {
  core.waiters.clear();
  core.listeners.clear();
  core.event_listeners.clear();
  for (auto& [id, exec] : core.execs) exec.stream.reset();
}

/// Streams that only the core still knows: their clients went away.
void forget_lost_streams(Core& core) {
  const auto is_lost = [](const auto& listener) { return listener.stream.use_count() == 1; };
  std::erase_if(core.waiters, is_lost);
  std::erase_if(core.listeners, is_lost);
  std::erase_if(core.event_listeners, is_lost);
}

/// Which containers an engine starts when it comes up. Source: dockerd 20.10.24, killed and restarted.
bool comes_back(const Container& container, RestartKind kind, bool was_running) {
  if (container.restart_policy == "always") return container.starts > 0;
  return container.restart_policy == "unless-stopped" && kind == RestartKind::clean && was_running;
}

}  // namespace

FakeEngineState::FakeEngineState(Settings settings) : core_(std::make_unique<Core>(std::move(settings))) {}
FakeEngineState::~FakeEngineState() = default;

Answer FakeEngineState::handle(const Request& request) {
  std::string name;
  const Handler handler = find_handler(request.method, request.path, name);
  if (handler == nullptr) return refuse_path(request);
  if (auto refusal = refuse_version(core_->settings, request.version)) return *std::move(refusal);
  core_->request = &request;
  const std::size_t first_effect = core_->effects.size();
  try {
    Answer answer = handler(*core_, {request, name});
    core_->request = nullptr;
    announce_done(*core_, first_effect);
    return answer;
  } catch (const Refusal& refusal) {
    core_->request = nullptr;
    announce_done(*core_, first_effect);
    return answer_error(refusal.status, refusal.message);
  }
}

std::optional<Time> FakeEngineState::next_deadline() const {
  std::optional<Time> earliest;
  for (const auto& container : core_->containers) {
    fold_deadline(earliest, container->ends_at);
    fold_deadline(earliest, container->health_at);
    fold_deadline(earliest, container->restarts_at);
  }
  for (const auto& [id, exec] : core_->execs) fold_deadline(earliest, exec.ends_at);
  for (const EventListener& listener : core_->event_listeners) fold_deadline(earliest, listener.until);
  return earliest;
}

void FakeEngineState::tick() {
  forget_lost_streams(*core_);
  tick_containers(*core_, core_->now());
  tick_execs(*core_, core_->now());
  tick_events(*core_, core_->now());
}

std::vector<Header> FakeEngineState::common_headers() {
  const auto now = std::chrono::floor<std::chrono::seconds>(core_->now());
  return {{"Api-Version", to_string(core_->settings.api_version)},
          {"Docker-Experimental", "false"},
          {"Ostype", "linux"},
          {"Server", fmt::format("Docker/{} (linux)", core_->settings.engine_version)},
          {"Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now.time_since_epoch().count()))}};
}

const Settings& FakeEngineState::settings() const { return core_->settings; }
Registries& FakeEngineState::registries() { return core_->registries; }

ImageId FakeEngineState::add_image(const std::string& reference, const Image& image) {
  const std::string name = familiar(reference);
  StoredImage& stored = store_image(*core_, image);
  give_name(*core_, stored, name);
  return ImageId(stored.id);
}

void FakeEngineState::exit_container(const std::string& name, int exit_code) {
  Container& container = require(*core_, name);
  if (container.is_running()) end_process(*core_, container, exit_code);
}

void FakeEngineState::set_health(const std::string& name, Health health, const std::string& probe_output) {
  set_container_health(*core_, require(*core_, name), health, probe_output);
}

void FakeEngineState::write_output(const std::string& name, const Output& output) {
  fake::write_output(*core_, require(*core_, name), output);
}

void FakeEngineState::restart(RestartKind kind) {
  Core& core = *core_;
  forget_connections(core);
  std::vector<std::pair<std::string, bool>> found;  // id, was it running
  found.reserve(core.containers.size());
  for (const auto& container : core.containers) found.emplace_back(container->id, container->is_running());
  if (kind == RestartKind::crash) core.events.clear();
  for (const auto& [id, was_running] : found) {
    if (!was_running || core.settings.live_restore) continue;
    stop_process(core, *core.find_container(id));
    if (Container* container = core.find_container(id)) core.emit_container(*container, "stop");
  }
  if (kind == RestartKind::clean) core.events.clear();
  for (const auto& [id, was_running] : found) {
    Container* container = core.find_container(id);
    if (container == nullptr || container->is_running()) continue;
    if (!comes_back(*container, kind, was_running)) continue;
    try {
      start_process(core, *container);
    } catch (const Refusal&) {
      container->status = Status::exited;
    }
  }
}

void FakeEngineState::set_effect_hook(EffectHook hook) { core_->hook = std::move(hook); }
const std::vector<Effect>& FakeEngineState::effects() const { return core_->effects; }

std::vector<ContainerView> FakeEngineState::containers() const {
  std::vector<ContainerView> views;
  for (const auto& container : core_->containers) {
    ContainerView view{
        .id = container->id,
        .name = container->name,
        .image = container->image_name,
        .image_id = container->image_id,
        .state = status_word(*container),
        .health = container->has_healthcheck ? std::string(to_word(container->health)) : "none",
        .exit_code = container->exit_code,
        .starts = container->starts,
        .labels = container->labels,
        .restart_policy = container->restart_policy};
    for (const auto& [network, endpoint] : container->endpoints) {
      if (!endpoint.address.empty()) view.addresses[network] = endpoint.address;
    }
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<std::string> FakeEngineState::images() const {
  std::vector<std::string> names;
  for (const StoredImage& image : core_->images) {
    names.insert(names.end(), image.names.begin(), image.names.end());
    if (image.names.empty()) names.push_back(image.digests.empty() ? image.id : image.digests.front());
  }
  return names;
}

std::vector<std::string> FakeEngineState::networks() const {
  std::vector<std::string> names;
  for (const Network& network : core_->networks) {
    if (!network.predefined) names.push_back(network.name);
  }
  return names;
}

std::vector<std::string> FakeEngineState::volumes() const {
  std::vector<std::string> names;
  for (const Volume& volume : core_->volumes) names.push_back(volume.name);
  return names;
}

}  // namespace halcyon::docker_api::fake
