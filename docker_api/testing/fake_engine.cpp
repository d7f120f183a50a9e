#include "docker_api/testing/fake_engine.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "docker_api/testing/server.hpp"

namespace halcyon::docker_api::fake {

FakeEngine::FakeEngine(Settings settings, Transport transport)
    : server_(std::make_unique<Server>(std::move(settings), transport)) {}
FakeEngine::~FakeEngine() = default;

EngineAddress FakeEngine::address() const { return server_->address(); }

Digest FakeEngine::put_in_registry(const std::string& reference, Image image) {
  Digest digest;
  with_state([&](FakeEngineState& state) { digest = state.registries().put(reference, std::move(image)); });
  return digest;
}

ImageId FakeEngine::add_image(const std::string& reference, const Image& image) {
  ImageId id;
  with_state([&](FakeEngineState& state) { id = state.add_image(reference, image); });
  return id;
}

void FakeEngine::with_state(const std::function<void(FakeEngineState&)>& work) {
  server_->on_thread([&] { work(server_->state()); });
}

void FakeEngine::inject(Fault fault, Match match) {
  server_->on_thread([&] { server_->inject(std::move(fault), std::move(match)); });
}

void FakeEngine::clear_faults() {
  server_->on_thread([&] { server_->clear_faults(); });
}

void FakeEngine::release(const std::string& name) {
  server_->on_thread([&] { server_->release(name); });
}

void FakeEngine::wait_until_held(const std::string& name, std::chrono::milliseconds patience) {
  if (server_->wait_until([&] { return server_->is_held(name); }, patience)) return;
  throw std::runtime_error(fmt::format("no request came to the hold \"{}\" of the fake engine", name));
}

void FakeEngine::drop_connections() {
  server_->on_thread([&] { server_->drop_connections(); });
}

void FakeEngine::die() {
  server_->on_thread([&] { server_->die(); });
}

void FakeEngine::restart(RestartKind kind) {
  server_->on_thread([&] { server_->come_up(kind); });
}

bool FakeEngine::is_alive() const {
  bool alive = false;
  server_->on_thread([&] { alive = server_->is_alive(); });
  return alive;
}

void FakeEngine::set_effect_hook(EffectHook hook) {
  with_state([&](FakeEngineState& state) { state.set_effect_hook(std::move(hook)); });
}

std::vector<Effect> FakeEngine::effects() const {
  std::vector<Effect> effects;
  server_->on_thread([&] { effects = server_->state().effects(); });
  return effects;
}

std::vector<Request> FakeEngine::requests() const {
  std::vector<Request> requests;
  server_->on_thread([&] { requests = server_->requests(); });
  return requests;
}

void FakeEngine::wait_for_requests(const std::function<bool(const std::vector<Request>&)>& done,
                                   std::chrono::milliseconds patience) {
  if (server_->wait_until([&] { return done(server_->requests()); }, patience)) return;
  throw std::runtime_error("the requests that were waited for did not come to the fake engine");
}

std::vector<ContainerView> FakeEngine::containers() const {
  std::vector<ContainerView> views;
  server_->on_thread([&] { views = server_->state().containers(); });
  return views;
}

}  // namespace halcyon::docker_api::fake
