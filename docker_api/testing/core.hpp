// The fake engine's core: what it remembers, and what the handlers of all resources need. The handlers are
// free functions of the core, declared in handlers.hpp. Private to docker_api/testing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_api/testing/engine_state.hpp"
#include "docker_api/testing/filter.hpp"
#include "docker_api/testing/records.hpp"

namespace halcyon::docker_api::fake {

/// An answer that is no success; thrown by handlers.
struct Refusal {
  int status = 500;
  std::string message;
};

struct Waiter {
  std::string container_id;
  std::string condition;
  std::shared_ptr<Stream> stream;
};

/// Whoever gets what a container writes: `docker logs --follow` or an attached client.
struct Listener {
  std::string container_id;
  std::shared_ptr<Stream> stream;
  bool stdout_wanted = false;
  bool stderr_wanted = false;
  bool timestamps = false;
  bool tty = false;
};

struct EventListener {
  std::shared_ptr<Stream> stream;
  FilterMap filters;
  std::optional<Time> until;
  ApiVersion version;
};

inline constexpr std::size_t k_remembered_events = 256;

class Core {
 public:
  explicit Core(Settings chosen);

  // Clock and identity.
  Time now();
  /// The same, at least `earliest`.
  Time now_after(Time earliest);
  std::string new_id();
  int new_pid() { return next_pid_ += 7; }

  // Finding things; they throw Refusal with the engine's words.
  Container& container(std::string_view name_or_id);
  Container* find_container(std::string_view name_or_id);
  Network& network(std::string_view name_or_id);
  Network* find_network(std::string_view name_or_id);
  StoredImage* find_image(std::string_view name_or_id);

  /// Announces a change that the request at hand is about to make. May throw EngineDied.
  void effect(std::string kind, std::string subject);
  void emit(std::string type, std::string action, std::string actor,
            std::map<std::string, std::string> attributes);
  void emit_container(const Container& container, std::string action,
                      std::map<std::string, std::string> more = {});

  Settings settings;
  Registries registries;
  EffectHook hook;
  std::vector<Effect> effects;
  const Request* request = nullptr;  ///< the one at hand

  std::vector<std::unique_ptr<Container>> containers;  ///< oldest first
  std::map<std::string, Exec> execs;
  std::vector<StoredImage> images;
  std::vector<Network> networks;
  std::vector<Volume> volumes;
  std::deque<EventRecord> events;
  std::vector<Waiter> waiters;
  std::vector<Listener> listeners;
  std::vector<EventListener> event_listeners;

 private:
  void add_predefined_networks();

  Time last_time_{};
  std::uint64_t next_id_ = 1;
  int next_pid_ = 4000;
};

// container_life.cpp: what happens to a container's process, whoever asked for it.
void start_process(Core& core, Container& container);
/// The process has ended; the restart policy has its say.
void end_process(Core& core, Container& container, int exit_code);
/// Sends the stop signal; the container has exited when this returns.
void stop_process(Core& core, Container& container);
void write_output(Core& core, Container& container, const Output& output);
void take_input(Container& container, std::string_view bytes);
void end_input(Core& core, Container& container);
void remove_record(Core& core, Container& container, bool with_volumes);
void set_container_health(Core& core, Container& container, Health health, const std::string& output);
void release_addresses(Core& core, Container& container, bool announce);
void connect_endpoints(Core& core, Container& container);
void connect_endpoint(Core& core, Container& container, const std::string& network_name, Endpoint& endpoint);
void tick_containers(Core& core, Time now);
void tick_execs(Core& core, Time now);
void tick_events(Core& core, Time now);
void deliver_event(Core& core, const EventRecord& event);
void fold_deadline(std::optional<Time>& earliest, const std::optional<Time>& other);

// Texts and JSON of several handlers.
std::string to_rfc3339(Time time);
std::int64_t to_seconds(Time time);
/// "2 minutes", as the engine says it in a container's status.
std::string describe_age(std::chrono::nanoseconds age);
std::string frame(LogStream stream, std::string_view text);
std::string sha256_hex(std::string_view bytes);
std::string short_id(std::string_view id);
std::string status_word(const Container& container);
std::string_view to_word(Health health);
/// "busybox:1" for docker.io/library/busybox:1.
std::string familiar_name(const std::string& repository);

Answer answer_json(const nlohmann::json& body, int status = 200);
Answer answer_empty(int status);
Answer answer_error(int status, std::string_view message);
/// Parses a request's JSON body. Errors: Refusal.
nlohmann::json read_body(const Request& request);

StoredImage& store_image(Core& core, const Image& image);
void give_name(Core& core, StoredImage& image, const std::string& name);
nlohmann::json show_endpoint(const Endpoint& endpoint);
nlohmann::json show_event(const EventRecord& event, ApiVersion version);

}  // namespace halcyon::docker_api::fake
