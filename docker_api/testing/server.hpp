// The thread behind FakeEngine. Private to docker_api/testing.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "docker_api/file_descriptor.hpp"
#include "docker_api/testing/connection.hpp"
#include "docker_api/testing/fake_engine.hpp"
#include "docker_api/testing/listening_socket.hpp"

namespace halcyon::docker_api::fake {

class Server {
 public:
  Server(Settings settings, Transport transport);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Runs `work` on the engine's thread, between two requests, and returns when it is done. Passes exceptions
  /// on.
  void on_thread(const std::function<void()>& work);
  /// Waits until `done`, called under the lock, is true. False after `patience`.
  bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds patience);

  // For the engine's thread, that is within on_thread():
  FakeEngineState& state() { return state_; }
  void die();
  void come_up(RestartKind kind);
  void drop_connections();
  void inject(Fault fault, Match match);
  void clear_faults() { faults_.clear(); }
  void release(const std::string& name);
  bool is_alive() const { return alive_; }
  EngineAddress address() const { return listener_.address(); }

  // For wait_until():
  const std::vector<Request>& requests() const { return requests_; }
  bool is_held(const std::string& name) const { return held_names_.contains(name); }

 private:
  struct Injected {
    Fault fault;
    Match match;
    std::size_t seen = 0;
  };
  struct Command {
    const std::function<void()>& work;
    std::exception_ptr failure = {};
    bool done = false;
  };

  void loop();
  void wait_for_something();
  void run_commands();
  void accept_all();
  void serve(Connection& connection);
  void dispatch(Connection& connection, Request request);
  void perform(Connection& connection, const Request& request, const Fault* fault);
  void hold(Connection& connection, Held held);
  void resume(Connection& connection);
  const Fault* find_fault(const Request& request);
  void settle();

  FakeEngineState state_;
  ListeningSocket listener_;
  Pipe wake_;
  std::list<Connection> connections_;
  std::size_t accepted_ = 0;
  std::list<Injected> faults_;
  std::set<std::string> released_;
  bool alive_ = true;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Command*> commands_;         // guarded
  std::vector<Request> requests_;          // written by the thread, under the lock
  std::multiset<std::string> held_names_;  // the same
  bool stopping_ = false;                  // guarded
  std::thread thread_;
};

}  // namespace halcyon::docker_api::fake
