// `_ping`: what a round trip costs beside a bare write and read.
#include "await_result.hpp"
#include "docker_api/engine.hpp"
#include "docker_api/system.hpp"
#include "docker_api_parts.hpp"
#include "pairs.hpp"
#include "processes.hpp"
#include "python_peer.hpp"
#include "raw_connection.hpp"

namespace halcyon::bench {
namespace {

constexpr int k_ping_rounds = 24;
constexpr int k_pings = 2'000;
constexpr int k_fresh_pings = 500;
constexpr int k_ping_cli_runs = 10;
constexpr double k_ping_goal = 1.05;

boost::asio::awaitable<void> ping_often(docker_api::Engine& engine) {
  for (int ping = 0; ping < k_pings; ++ping) co_await docker_api::ping(engine);
}

boost::asio::awaitable<void> ping_fresh(boost::asio::io_context& io, const LabEnvironment& lab) {
  for (int ping = 0; ping < k_fresh_pings; ++ping) {
    docker_api::Engine engine(io.get_executor(), lab.engine);
    co_await docker_api::ping(engine);
  }
}

void print_sides(const std::string& name, const Pairs& pairs, int pings) {
  print_figure(name + ".client", median(pairs.ours.seconds) / pings * 1e6, "us");
  print_figure(name + ".raw_loop", median(pairs.raw.seconds) / pings * 1e6, "us");
}

}  // namespace

void measure_ping(const LabEnvironment& lab) {
  boost::asio::io_context io(1);  // one thread runs it, as in the program
  docker_api::Engine engine(io.get_executor(), lab.engine);
  RawConnection raw(lab.engine);
  const Pairs kept = measure_pairs(
      k_ping_rounds, [&] { await_result(io, ping_often(engine)); },
      [&] {
        for (int ping = 0; ping < k_pings; ++ping) raw.ping();
      });
  print_figure("docker_api", median_of_ratios(kept.ours.seconds, kept.raw.seconds), "x", Goal::at_most,
               k_ping_goal);
  print_sides("docker_api", kept, k_pings);
  const auto python = run_python_peer(lab, lab.engine_text, {"ping"});
  print_figure("docker_api.python3_docker", python.at("kept") * 1e6, "us");

  const Pairs fresh = measure_pairs(
      k_ping_rounds, [&] { await_result(io, ping_fresh(io, lab)); },
      [&] {
        for (int ping = 0; ping < k_fresh_pings; ++ping) RawConnection(lab.engine).ping();
      });
  print_figure("ping_fresh", median_of_ratios(fresh.ours.seconds, fresh.raw.seconds), "x");
  print_sides("ping_fresh", fresh, k_fresh_pings);
  print_figure("ping_fresh.python3_docker", python.at("fresh") * 1e6, "us");
  std::vector<double> cli;
  for (int run = 0; run < k_ping_cli_runs; ++run) {
    const std::vector<std::string> command{"docker", "version", "--format", "{{.Server.APIVersion}}"};
    cli.push_back(run_or_throw(lab, command).milliseconds * 1e3);
  }
  print_figure("ping_fresh.docker_version", median(cli), "us");
}

}  // namespace halcyon::bench
