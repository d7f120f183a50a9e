// The fake engine without its socket: a request goes in, an answer comes out, and everything that a Docker
// engine keeps is kept. Sans-io.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/testing/image.hpp"
#include "docker_api/testing/messages.hpp"
#include "docker_api/testing/program.hpp"

namespace halcyon::docker_api::fake {

struct Settings {
  ApiVersion api_version{1, 41};         ///< what /_ping says; 1.40 to 1.55
  ApiVersion oldest_api_version{1, 12};  ///< requests with an older one in their path are refused
  std::string engine_version = "20.10.24";
  bool live_restore = false;  ///< containers outlive the engine's death and restart
  /// What containers and execs run. Nothing: containers run until they are stopped, execs end at once with 0.
  ProgramChooser program = {};
  ProgramChooser exec_program = {};
  /// Nothing: the system's clock. The engine never gives the same moment twice.
  std::function<Time()> clock = {};
};

/// One change that a request makes: "container.create", "container.start", "image.pull", "network.remove",
/// ...
struct Effect {
  std::size_t index = 0;  ///< from 0, over the engine's whole life
  std::string kind;
  std::string subject;      ///< name of the object
  std::size_t request = 0;  ///< Request::number
};
enum class Moment { before, after };
enum class Verdict { go_on, die };
/// Called at each effect, before it and after it. `die` is the engine's death at that very moment.
using EffectHook = std::function<Verdict(const Effect&, Moment)>;

/// What FakeEngineState::handle throws when a hook wants the engine dead.
struct EngineDied {};

/// What a container is like, for assertions.
struct ContainerView {
  std::string id;
  std::string name;
  std::string image;  ///< as given at create
  std::string image_id;
  std::string state;   ///< as the API says it
  std::string health;  ///< "none", "starting", "healthy", "unhealthy"
  int exit_code = 0;
  int starts = 0;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> addresses;  ///< network -> address, while it runs
  std::string restart_policy;
};

enum class RestartKind {
  crash,  ///< killed: it comes back and stops what it finds running, then starts what has the policy `always`
  clean,  ///< stopped: containers are stopped first; `unless-stopped` ones come back too
};

/// The state and behaviour of one engine.
///
/// Threads: none; FakeEngine holds a lock around it.
class FakeEngineState {
 public:
  explicit FakeEngineState(Settings settings = {});
  ~FakeEngineState();
  FakeEngineState(const FakeEngineState&) = delete;
  FakeEngineState& operator=(const FakeEngineState&) = delete;

  /// Does what a request asks for. A bad request is an answer, as with a real engine.
  ///
  /// Errors: EngineDied if a hook said so; the change then has or has not been made.
  Answer handle(const Request& request);
  /// When tick() has something to do next; nothing: only requests change anything.
  std::optional<Time> next_deadline() const;
  /// Does what is due by the clock: programs that end, health checks, restarts, events' `until`.
  void tick();
  /// The headers of every answer: Api-Version, Server, Date.
  std::vector<Header> common_headers();
  const Settings& settings() const;

  Registries& registries();
  /// Puts an image into the engine itself, as if it had been pulled or built.
  ImageId add_image(const std::string& reference, const Image& image);

  // What happens behind the client's back. `container` is a name or id; Error not_found otherwise.
  /// Ends a running container's process by itself; its restart policy then has its say.
  void exit_container(const std::string& container, int exit_code);
  void set_health(const std::string& container, Health health, const std::string& probe_output = "");
  void write_output(const std::string& container, const Output& output);

  /// The engine goes down and comes up again: connections, waits and remembered events are gone.
  void restart(RestartKind kind);

  void set_effect_hook(EffectHook hook);
  const std::vector<Effect>& effects() const;
  std::vector<ContainerView> containers() const;
  /// Names, as the API lists them.
  std::vector<std::string> images() const;
  std::vector<std::string> networks() const;
  std::vector<std::string> volumes() const;

 private:
  std::unique_ptr<class Core> core_;
};

}  // namespace halcyon::docker_api::fake
