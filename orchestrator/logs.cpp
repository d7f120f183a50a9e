// Logs of several containers at once.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "docker_api/event_follower.hpp"
#include "orchestrator/log_line_joiner.hpp"
#include "orchestrator/log_since.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"
#include "orchestrator/toml_tree.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::LogStream;

using EngineTime = docker_api::EventTime;

/// What the readers share with the operation, and outlives it with them: an interrupted operation returns at
/// once, and its readers end when the event loop next turns.
struct Followed {
  Followed(const asio::any_io_executor& executor, LogLineSink to)
      : changed(executor, asio::steady_timer::time_point::max()), sink(std::move(to)) {}

  void give(const std::string& container, LogStream stream, std::string_view line) const {
    if (sink) sink(container, stream, line);
  }
  /// Nothing is given to the caller any more, and the readers are asked to end.
  void leave() {
    sink = {};
    for (asio::cancellation_signal& reader : readers) reader.emit(asio::cancellation_type::terminal);
  }
  bool is_over() const { return error || running == 0; }

  asio::steady_timer changed;  // its cancellation tells that something has ended
  LogLineSink sink;
  std::list<asio::cancellation_signal> readers;
  std::size_t running = 0;                         // readers, and the one who watches for starts
  std::map<std::string, EngineTime> read_since;    // container id -> when its reader began
  std::map<std::string, EngineTime> started_anew;  // while the log of its earlier life was still being read
  std::exception_ptr error;
};

/// However the operation ends, also by cancellation: nobody reads for a caller who has gone.
struct Leaving {
  Followed& followed;
  ~Leaving() { followed.leave(); }
};

asio::awaitable<void> follow_one(docker_api::Engine& engine, docker_api::ContainerId id, std::string name,
                                 docker_api::LogOptions options, std::shared_ptr<Followed> followed) {
  const auto joiner = std::make_shared<LogLineJoiner>(
      options.timestamps,
      [followed, name](LogStream stream, std::string_view line) { followed->give(name, stream, line); });
  docker_api::LogDemultiplexer::Sink pieces = [joiner](LogStream stream, std::string_view piece) {
    joiner->take(stream, piece);
  };
  co_await docker_api::read_logs(engine, std::move(id), std::move(options), std::move(pieces));
  joiner->finish();
}

docker_api::LogOptions read_options(const LogRequest& request) {
  docker_api::LogOptions options;
  options.follow = request.follow;
  options.tail = request.tail;
  options.timestamps = request.timestamps;
  if (request.since.empty()) return options;
  const auto since = resolve_log_since(request.since, std::chrono::system_clock::now());
  if (!since) {
    throw Error(Outcome::usage,
                fmt::format("cannot show logs since \"{}\": that is no time; write how long ago (10m, 1h30m, "
                            "2d), an RFC 3339 time (2026-11-20T10:00:00Z) or UNIX seconds",
                            escaped_text(request.since)));
  }
  options.since = *since;
  return options;
}

void check_services(const Environment& environment, const std::vector<std::string>& services) {
  for (const std::string& name : services) {
    if (environment.find_service(name) != nullptr) continue;
    throw Error(
        Outcome::usage,
        fmt::format("cannot show the logs of {}: the configuration has no service of that name", name));
  }
}

bool is_wanted(const LogRequest& request, const std::string& service) {
  const auto& wanted = request.services;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), service) != wanted.end();
}

/// What serves, and accessories. The others (the way back, stopped; a promotion's new ones) only if they are
/// asked for, or if nothing of their service serves: then they are all there is to look at.
std::vector<OwnContainer> choose_containers(const std::vector<OwnContainer>& containers,
                                            const LogRequest& request, const Placements& serving) {
  std::set<std::string> served;
  for (const OwnContainer& container : containers) {
    if (container.is_web() && container.serves(serving)) served.insert(container.service);
  }
  std::vector<OwnContainer> chosen;
  for (const OwnContainer& container : containers) {
    const bool shown = !container.is_web() || container.serves(serving) || request.all_releases ||
                       !served.contains(container.service);
    if (shown && is_wanted(request, container.service)) chosen.push_back(container);
  }
  return chosen;
}

using AtEnd = std::function<void(const std::shared_ptr<Followed>&)>;

/// Runs beside the operation; `at_end` is called when it came to its end by itself.
void run_beside(const asio::any_io_executor& executor, asio::awaitable<void> operation,
                const std::shared_ptr<Followed>& followed, AtEnd at_end) {
  ++followed->running;
  asio::cancellation_signal& cancel = followed->readers.emplace_back();
  const auto ended = [followed, at_end = std::move(at_end)](const std::exception_ptr& error) {
    if (error) followed->error = error;
    --followed->running;
    if (!error && followed->sink) at_end(followed);
    followed->changed.cancel();
  };
  asio::co_spawn(executor, std::move(operation), asio::bind_cancellation_slot(cancel.slot(), ended));
}

void start_reading(docker_api::Engine& engine, const OwnContainer& container,
                   const docker_api::LogOptions& options, const std::shared_ptr<Followed>& followed) {
  const std::string id = container.summary.id.value;
  followed->read_since[id] = std::chrono::system_clock::now();
  auto operation = follow_one(engine, container.summary.id, container.summary.name, options, followed);
  AtEnd read_on = [&engine, container, options](const std::shared_ptr<Followed>& all) {
    const std::string& read = container.summary.id.value;
    const auto again = all->started_anew.extract(read);
    all->read_since.erase(read);
    if (again.empty()) return;
    docker_api::LogOptions rest = options;
    rest.since = docker_api::to_event_parameter(again.mapped());
    rest.tail.reset();
    start_reading(engine, container, rest, all);
  };
  run_beside(engine.executor(), std::move(operation), followed, std::move(read_on));
}

/// What a container says first may be older than the engine's event, and than its StartedAt: only the end of
/// its life before is surely before it. Nothing if it is its first.
asio::awaitable<std::optional<EngineTime>> find_end_of_earlier_life(docker_api::Engine& engine,
                                                                    docker_api::ContainerId id) {
  const auto details = co_await docker_api::find_container(engine, std::move(id));
  if (!details || !details->finished_at) co_return std::nullopt;
  co_return EngineTime(*details->finished_at) + milliseconds(1);  // it is told to the millisecond
}

/// What has begun to run since, and is wanted: also what does not serve yet, or never will.
asio::awaitable<void> read_what_started(Session session, LogRequest request, docker_api::LogOptions options,
                                        std::optional<docker_api::Event> event,
                                        std::shared_ptr<Followed> followed) {
  const auto containers = co_await list_own_containers(session.engine, session.environment);
  options.tail.reset();
  for (const OwnContainer& container : containers) {
    const std::string& id = container.summary.id.value;
    if (!is_wanted(request, container.service) || !container.is_running()) continue;
    const auto reader = followed->read_since.find(id);
    const bool is_new = reader == followed->read_since.end();
    const bool is_anew = !is_new && event && event->actor_id == id && event->at > reader->second;
    if (!is_new && !is_anew) continue;
    const auto earlier = co_await find_end_of_earlier_life(session.engine, container.summary.id);
    if (is_anew) {
      followed->started_anew[id] = earlier.value_or(event->at);
    } else if (!followed->read_since.contains(id)) {
      docker_api::LogOptions of_this_life = options;
      if (earlier) of_this_life.since = docker_api::to_event_parameter(*earlier);
      start_reading(session.engine, container, of_this_life, followed);
    }
  }
}

/// A followed log goes on over a switch and over restarts: the log of whatever is started is read, too.
asio::awaitable<void> watch_starts(Session session, LogRequest request, docker_api::LogOptions options,
                                   std::shared_ptr<Followed> followed) {
  docker_api::FollowOptions wanted;
  wanted.filters = {{"type", {"container"}},
                    {"event", {"start"}},
                    {"label",
                     {fmt::format("halcyon.app={}", session.environment.app.text()),
                      fmt::format("halcyon.environment={}", session.environment.name.text())}}};
  wanted.since = std::chrono::system_clock::now();
  docker_api::EventFollower events(session.engine, std::move(wanted));
  for (;;) {
    docker_api::EventOrGap next = co_await events.next();
    std::optional<docker_api::Event> event;
    if (auto* const told = std::get_if<docker_api::Event>(&next)) event = std::move(*told);
    co_await read_what_started(session, request, options, std::move(event), followed);
  }
}

}  // namespace

asio::awaitable<void> stream_logs(Session session, LogRequest request, LogLineSink sink) {
  check_services(session.environment, request.services);
  const docker_api::LogOptions options = read_options(request);
  const EnvironmentState state = read_state(session.environment);
  const auto followed = std::make_shared<Followed>(session.engine.executor(), std::move(sink));
  const Leaving leaving{*followed};
  const auto containers = co_await list_own_containers(session.engine, session.environment);
  for (const OwnContainer& container : choose_containers(containers, request, state.placements)) {
    start_reading(session.engine, container, options, followed);
  }
  if (request.follow) {
    auto watching = watch_starts(session, request, options, followed);
    run_beside(session.engine.executor(), std::move(watching), followed,
               [](const std::shared_ptr<Followed>&) {});
  }
  session.interrupt.on_request([followed] { followed->changed.cancel(); });
  while (!followed->is_over() && !session.interrupt.requested()) {
    boost::system::error_code woken;
    co_await followed->changed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  session.interrupt.on_request({});
  if (followed->error) std::rethrow_exception(followed->error);
}

}  // namespace halcyon::orchestrator
