// `_ping` on a kept connection, and what a bare write and read take for it.
#include <chrono>
#include <vector>

#include "await_result.hpp"
#include "bench.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/system.hpp"
#include "figures.hpp"
#include "raw_ping.hpp"

namespace halcyon::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int k_rounds = 24;
constexpr int k_pings = 2'000;
constexpr double k_goal = 1.05;

double microseconds_each(Clock::time_point began) {
  return std::chrono::duration<double, std::micro>(Clock::now() - began).count() / k_pings;
}

boost::asio::awaitable<void> ping_often(docker_api::Engine& engine) {
  for (int ping = 0; ping < k_pings; ++ping) co_await docker_api::ping(engine);
}

}  // namespace

void measure_docker_api(const LabEnvironment& lab) {
  boost::asio::io_context io;
  docker_api::Engine engine(io.get_executor(), lab.engine);
  RawConnection raw(lab.engine);
  std::vector<double> ours;
  std::vector<double> bare;
  for (int round = -1; round < k_rounds; ++round) {
    auto began = Clock::now();
    await_result(io, ping_often(engine));
    const double of_client = microseconds_each(began);
    began = Clock::now();
    for (int ping = 0; ping < k_pings; ++ping) raw.ping();
    const double of_loop = microseconds_each(began);
    if (round < 0) continue;  // the first one warms both up
    ours.push_back(of_client);
    bare.push_back(of_loop);
  }
  print_figure("docker_api", median_of_ratios(ours, bare), "x", Goal::at_most, k_goal);
  print_figure("docker_api.client", median(ours), "us");
  print_figure("docker_api.raw_loop", median(bare), "us");
}

}  // namespace halcyon::bench
