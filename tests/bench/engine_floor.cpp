#include "engine_floor.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "docker_api/error.hpp"
#include "docker_api/http.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto k_answer_deadline = 30s;
constexpr auto k_poll = 500us;

asio::awaitable<bool> answers(asio::any_io_executor executor, std::string ip, std::uint16_t port,
                              std::string path) {
  const docker_api::HttpDeadlines deadlines{.connect = 200ms, .head = 2s, .idle = 2s};
  try {
    docker_api::EngineAddress address = docker_api::TcpAddress{std::move(ip), port};
    auto connection =
        co_await docker_api::HttpConnection::open(executor, std::move(address), deadlines.connect);
    docker_api::HttpRequest request;
    request.target = std::move(path);
    request.keep_alive = false;
    const auto answer = co_await docker_api::exchange(*connection, std::move(request), deadlines);
    co_return answer.status == 200;
  } catch (const docker_api::Error&) {
    co_return false;  // nobody listens yet
  }
}

asio::awaitable<void> wait_for_answer(docker_api::Engine& engine, const FloorTarget& target) {
  const auto deadline = Clock::now() + k_answer_deadline;
  asio::steady_timer pause(engine.executor());
  while (!co_await answers(engine.executor(), *target.container.network->ipv4, target.port, target.path)) {
    if (Clock::now() > deadline)
      throw std::runtime_error("the container of the engine floor does not answer");
    pause.expires_after(k_poll);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

double milliseconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

asio::awaitable<FloorTimes> measure_engine_floor(docker_api::Engine& engine, FloorTarget target) {
  const auto began = Clock::now();
  const auto created = co_await docker_api::create_container(engine, target.container);
  const auto is_created = Clock::now();
  docker_api::ContainerId id = created.id;
  co_await docker_api::start_container(engine, id);
  const auto is_started = Clock::now();
  co_await wait_for_answer(engine, target);
  const auto has_answered = Clock::now();
  const docker_api::RemoveOptions options{.force = true, .anonymous_volumes = true};
  co_await docker_api::remove_container(engine, std::move(id), options);
  co_return FloorTimes{milliseconds_between(began, is_created), milliseconds_between(is_created, is_started),
                       milliseconds_between(is_started, has_answered)};
}

}  // namespace halcyon::bench
