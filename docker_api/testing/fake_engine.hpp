// An engine for tests: what FakeEngineState says, over a real socket, for real docker_api::Engine clients.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "docker_api/engine_address.hpp"
#include "docker_api/testing/engine_state.hpp"
#include "docker_api/testing/fault.hpp"

namespace halcyon::docker_api::fake {

enum class Transport { unix_socket, tcp };

/// Listens on a unix socket in a directory of its own, or on loopback TCP.
///
/// Owns:    one thread, which serves all connections one request at a time; the socket and its directory. All
///          are gone after the destructor.
/// Threads: every member may be called from any thread, but not from a hook or a fault's predicate: these run
///          on the engine's thread, under its lock.
/// Time:    nothing happens by itself but what a Program says; there are no waits to be tuned.
class FakeEngine {
 public:
  explicit FakeEngine(Settings settings = {}, Transport transport = Transport::unix_socket);
  ~FakeEngine();
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  /// The same over restarts.
  EngineAddress address() const;

  /// Stores an image in a registry, "127.0.0.1:5000/shop/web:1", from where the engine can pull it.
  Digest put_in_registry(const std::string& reference, Image image = {});
  /// Puts an image into the engine itself.
  ImageId add_image(const std::string& reference, const Image& image = {});
  /// Calls `work` between two requests; streams get what it changes.
  void with_state(const std::function<void(FakeEngineState&)>& work);

  /// Harms requests. Of several that match, the one injected first acts.
  void inject(Fault fault, Match match = {});
  void clear_faults();
  /// Lets the requests go on that wait, or will wait, in hold(name).
  void release(const std::string& name);
  /// Waits until a request is held there. Errors: std::runtime_error after `patience`.
  void wait_until_held(const std::string& name,
                       std::chrono::milliseconds patience = std::chrono::seconds{10});
  /// Closes every connection now open, in the middle of whatever it is; the engine lives on.
  void drop_connections();
  /// Kills the engine: all connections close, new ones are refused, containers go on without it.
  void die();
  /// Brings it up again, dead or alive, at the same address.
  void restart(RestartKind kind = RestartKind::crash);
  bool is_alive() const;

  void set_effect_hook(EffectHook hook);
  std::vector<Effect> effects() const;
  /// The requests so far, over all restarts.
  std::vector<Request> requests() const;
  /// Waits until `done` is true of the requests so far. Errors: std::runtime_error after `patience`.
  void wait_for_requests(const std::function<bool(const std::vector<Request>&)>& done,
                         std::chrono::milliseconds patience = std::chrono::seconds{10});
  std::vector<ContainerView> containers() const;

 private:
  std::unique_ptr<class Server> server_;
};

}  // namespace halcyon::docker_api::fake
