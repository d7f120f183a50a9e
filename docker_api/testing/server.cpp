#include "docker_api/testing/server.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace halcyon::docker_api::fake {
namespace {

Answer make_answer(const Fault& fault) {
  const bool is_json = fault.body.starts_with('{') || fault.body.starts_with('[');
  return {.status = fault.status,
          .headers = {{"Content-Type", is_json ? "application/json" : "text/plain; charset=utf-8"}},
          .body = fault.body};
}

}  // namespace

Server::Server(Settings settings, Transport transport)
    : state_(std::move(settings)), listener_(transport), wake_(make_pipe()) {
  ::fcntl(wake_.read_end.get(), F_SETFL, O_NONBLOCK);
  thread_ = std::thread([this] { loop(); });
}

Server::~Server() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  (void)!::write(wake_.write_end.get(), "x", 1);
  thread_.join();
}

void Server::on_thread(const std::function<void()>& work) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    throw std::logic_error("the fake engine was called from one of its own hooks");
  }
  Command command{.work = work};
  std::unique_lock lock(mutex_);
  commands_.push_back(&command);
  (void)!::write(wake_.write_end.get(), "x", 1);
  changed_.wait(lock, [&command] { return command.done; });
  if (command.failure) std::rethrow_exception(command.failure);
}

bool Server::wait_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, done);
}

void Server::loop() {
  while (true) {
    wait_for_something();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    run_commands();
    if (alive_) {
      accept_all();
      state_.tick();
    }
    for (Connection& connection : connections_) serve(connection);
    settle();
  }
}

void Server::wait_for_something() {
  std::vector<pollfd> waiting{{wake_.read_end.get(), POLLIN, 0}};
  if (alive_) waiting.push_back({listener_.fd(), POLLIN, 0});
  for (const Connection& connection : connections_) {
    const int events =
        (connection.wants_to_read() ? POLLIN : 0) | (connection.wants_to_write() ? POLLOUT : 0);
    waiting.push_back({connection.fd(), static_cast<short>(events), 0});
  }
  int timeout = -1;
  if (const auto deadline = state_.next_deadline(); deadline && alive_) {
    const Settings& settings = state_.settings();
    const Time now = settings.clock ? settings.clock() : Time(std::chrono::system_clock::now());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000));
  }
  ::poll(waiting.data(), waiting.size(), timeout);
  char drained[64];
  while (::read(wake_.read_end.get(), drained, sizeof drained) > 0) {
  }
  std::size_t index = alive_ ? 2 : 1;
  for (Connection& connection : connections_) {
    const short events = waiting[index++].revents;
    if ((events & POLLIN) != 0 && !connection.receive()) connection.abort();
    if ((events & (POLLHUP | POLLERR)) != 0 && (events & POLLIN) == 0) connection.abort();
  }
}

void Server::run_commands() {
  std::vector<Command*> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command* command : commands) {
    try {
      command->work();
    } catch (...) {
      command->failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    command->done = true;
    changed_.notify_all();
  }
}

void Server::accept_all() {
  for (int fd = listener_.accept(); fd >= 0; fd = listener_.accept())
    connections_.emplace_back(fd, accepted_++);
}

void Server::serve(Connection& connection) {
  if (connection.held && released_.contains(connection.held->name)) resume(connection);
  try {
    while (alive_) {
      auto request = connection.take_next();
      if (!request) break;
      dispatch(connection, *std::move(request));
    }
  } catch (const BadRequest&) {
    connection.begin({.status = 400, .body = "400 Bad Request"}, {}, false, false, nullptr);
    connection.close();
  }
}

void Server::dispatch(Connection& connection, Request request) {
  parse_target(request, state_.settings().api_version);
  request.connection = connection.number();
  request.number = requests_.size();
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
  }
  const Fault* const fault = find_fault(request);
  switch (fault == nullptr ? Fault::Kind::hold_after : fault->kind) {
    case Fault::Kind::answer:
      return connection.begin(make_answer(*fault), state_.common_headers(), request.method == "HEAD", false,
                              nullptr);
    case Fault::Kind::lose_request:
      return connection.abort();
    case Fault::Kind::stall_before:
      return connection.stall();
    case Fault::Kind::die_before:
      return die();
    case Fault::Kind::hold_before:
      if (!released_.contains(fault->name)) {
        return hold(connection, {.name = fault->name, .request = std::move(request)});
      }
      return perform(connection, request, nullptr);
    case Fault::Kind::cut:
    case Fault::Kind::stall:
    case Fault::Kind::hold_after:
    case Fault::Kind::die_after:
      return perform(connection, request, fault);
  }
}

void Server::perform(Connection& connection, const Request& request, const Fault* fault) {
  Answer answer;
  try {
    answer = state_.handle(request);
  } catch (const EngineDied&) {
    return die();
  }
  if (fault != nullptr && fault->kind == Fault::Kind::die_after) return die();
  const bool is_head = request.method == "HEAD";
  const bool upgrades = !request.header("Upgrade").empty();
  if (fault != nullptr && fault->kind == Fault::Kind::hold_after && !released_.contains(fault->name)) {
    hold(connection,
         {.name = fault->name, .answer = answer, .is_head_request = is_head, .upgrades = upgrades});
  } else {
    const bool cuts = fault != nullptr && fault->kind != Fault::Kind::hold_after;
    connection.begin(answer, state_.common_headers(), is_head, upgrades, cuts ? fault : nullptr);
  }
  state_.tick();
}

void Server::hold(Connection& connection, Held held) {
  const std::lock_guard lock(mutex_);
  held_names_.insert(held.name);
  connection.held = std::move(held);
  changed_.notify_all();
}

void Server::resume(Connection& connection) {
  const Held held = *std::exchange(connection.held, std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    held_names_.erase(held_names_.find(held.name));
  }
  if (held.request) return perform(connection, *held.request, nullptr);
  connection.begin(*held.answer, state_.common_headers(), held.is_head_request, held.upgrades, nullptr);
}

const Fault* Server::find_fault(const Request& request) {
  for (Injected& injected : faults_) {
    if (injected.match.request && !injected.match.request(request)) continue;
    const std::size_t nth = injected.seen++;
    if (nth < injected.match.skip || nth - injected.match.skip >= injected.match.times) continue;
    return &injected.fault;
  }
  return nullptr;
}

/// Everybody gets what was produced, and who is finished goes.
void Server::settle() {
  if (alive_) state_.tick();
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    connection->pump();
    const bool lives = connection->flush() && !connection->is_finished();
    if (!lives && connection->held) {
      const std::lock_guard lock(mutex_);
      held_names_.erase(held_names_.find(connection->held->name));
    }
    connection = lives ? std::next(connection) : connections_.erase(connection);
  }
}

void Server::die() {
  alive_ = false;
  listener_.close();
  drop_connections();
}

void Server::drop_connections() {
  for (Connection& connection : connections_) connection.abort();
}

void Server::come_up(RestartKind kind) {
  die();
  settle();
  state_.restart(kind);
  listener_.open();
  alive_ = true;
}

void Server::inject(Fault fault, Match match) {
  faults_.push_back({.fault = std::move(fault), .match = std::move(match)});
}

void Server::release(const std::string& name) { released_.insert(name); }

}  // namespace halcyon::docker_api::fake
