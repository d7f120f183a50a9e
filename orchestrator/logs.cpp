// Logs of several containers at once, cut into whole lines.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "docker_api/containers.hpp"
#include "docker_api/error.hpp"
#include "orchestrator/open_environment.hpp"
#include "orchestrator/own_containers.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using docker_api::LogStream;

constexpr std::size_t k_longest_line_bytes = std::size_t{64} * 1024;

/// Joins the engine's pieces into lines, each stream for itself.
class LineJoiner {
 public:
  LineJoiner(std::string container, const LogLineSink& sink)
      : container_(std::move(container)), sink_(sink) {}

  void take(LogStream stream, std::string_view piece) {
    std::string& pending = pending_[stream];
    for (auto newline = piece.find('\n'); newline != std::string_view::npos; newline = piece.find('\n')) {
      pending += piece.substr(0, newline);
      give(stream, pending);
      piece.remove_prefix(newline + 1);
    }
    pending += piece;
    if (pending.size() > k_longest_line_bytes) give(stream, pending);
  }
  void finish() {
    for (auto& [stream, pending] : pending_) {
      if (!pending.empty()) give(stream, pending);
    }
  }

 private:
  void give(LogStream stream, std::string& line) {
    sink_(container_, stream, line);
    line.clear();
  }
  std::string container_;
  const LogLineSink& sink_;
  std::map<LogStream, std::string> pending_;
};

struct Followed {
  explicit Followed(const asio::any_io_executor& executor)
      : ended(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer ended;  // its cancellation tells that one more stream is over
  std::size_t running = 0;
  std::exception_ptr error;
};

asio::awaitable<void> follow_one(docker_api::Engine& engine, docker_api::ContainerId id, std::string name,
                                 docker_api::LogOptions options, const LogLineSink& sink) {
  const auto joiner = std::make_shared<LineJoiner>(std::move(name), sink);
  docker_api::LogDemultiplexer::Sink pieces = [joiner](LogStream stream, std::string_view piece) {
    joiner->take(stream, piece);
  };
  co_await docker_api::read_logs(engine, std::move(id), std::move(options), std::move(pieces));
  joiner->finish();
}

/// "10m" -> the UNIX time of ten minutes ago; everything else is for the engine to judge.
std::string resolve_since(const std::string& since) {
  if (since.empty()) return since;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(since.data(), since.data() + since.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(since.data() + since.size() - end));
  static const std::map<std::string_view, std::int64_t> k_units{
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  const auto found = k_units.find(unit);
  if (error != std::errc{} || found == k_units.end()) return since;
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return std::to_string(now - number * found->second);
}

void check_services(const Environment& environment, const std::vector<std::string>& services) {
  for (const std::string& name : services) {
    if (environment.find_service(name) != nullptr) continue;
    throw Error(
        Outcome::usage,
        fmt::format("cannot show the logs of {}: the configuration has no service of that name", name));
  }
}

}  // namespace

asio::awaitable<void> stream_logs(Session session, LogRequest request, LogLineSink sink) {
  check_services(session.environment, request.services);
  const EnvironmentState state = read_state(session.environment);
  const auto containers = co_await list_own_containers(session.engine, session.environment);
  docker_api::LogOptions options;
  options.follow = request.follow;
  options.tail = request.tail;
  options.since = resolve_since(request.since);
  options.timestamps = request.timestamps;
  const auto followed = std::make_shared<Followed>(session.engine.executor());
  for (const OwnContainer& container : containers) {
    if (container.is_web() && !container.serves(state.placements)) continue;
    const auto& wanted = request.services;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), container.service) == wanted.end())
      continue;
    ++followed->running;
    auto operation = follow_one(session.engine, container.summary.id, container.summary.name, options, sink);
    asio::co_spawn(session.engine.executor(), std::move(operation),
                   [followed](const std::exception_ptr& error) {
                     if (error) followed->error = error;
                     --followed->running;
                     followed->ended.cancel();
                   });
  }
  session.interrupt.on_request([followed] { followed->ended.cancel(); });
  while (followed->running > 0 && !session.interrupt.requested()) {
    boost::system::error_code woken;
    co_await followed->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  session.interrupt.on_request({});
  if (followed->error) std::rethrow_exception(followed->error);
}

}  // namespace halcyon::orchestrator
