// A promotion of an image that the engine has, until COMMIT, in pairs with the engine's own floor: A B A B.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "await_result.hpp"
#include "bench.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "engine_floor.hpp"
#include "figures.hpp"
#include "processes.hpp"

namespace halcyon::bench {
namespace {

using nlohmann::json;

constexpr double k_promotion_goal = 1.25;
constexpr double k_memory_goal_megabytes = 12;
constexpr int k_rollbacks = 10;
constexpr std::uint16_t k_port = 8000;
constexpr std::string_view k_environment = "promotion";

struct Samples {
  std::vector<double> until_commit;
  std::vector<double> process;
  std::vector<double> memory;
  std::map<std::string, std::vector<double>> steps;
  std::vector<double> floor;
  std::vector<double> floor_create;
  std::vector<double> floor_start;
  std::vector<double> floor_answer;
};

/// As Halcyon would create it, at an address that no slot has.
boost::asio::awaitable<FloorTarget> make_floor_target(docker_api::Engine& engine, const LabEnvironment& lab) {
  const std::string network_name = fmt::format("bench_{}", k_environment);
  const auto network = co_await docker_api::find_network(engine, network_name);
  if (!network || network->subnets.empty()) throw std::runtime_error("there is no network " + network_name);
  const auto image = co_await docker_api::inspect_image(engine, lab.registry + "/bench/web:1");
  const std::string& subnet = network->subnets.front();
  FloorTarget target;
  target.container.name = "bench_engine_floor";
  target.container.image = image.id.value;
  target.container.network = docker_api::NetworkAttachment{.network = network_name};
  target.container.network->ipv4 = subnet.substr(0, subnet.rfind('.')) + ".14";
  target.container.exposed_tcp_ports = {k_port};
  target.container.cap_drop = {"ALL"};
  target.container.security_options = {"no-new-privileges:true"};
  target.port = k_port;
  target.path = "/readyz";
  co_return target;
}

void promote_once(const LabEnvironment& lab, const std::string& tag, Samples& samples) {
  const auto figures = run_or_throw(lab, lab.halcyon({"promote", std::string(k_environment), tag, "--json"}));
  const json document = json::parse(figures.output);
  samples.until_commit.push_back(document.at("until_commit_milliseconds"));
  samples.process.push_back(figures.milliseconds);
  samples.memory.push_back(figures.peak_megabytes);
  for (const json& step : document.at("steps")) {
    samples.steps[step.at("id")].push_back(step.at("milliseconds"));
  }
}

void note_floor(const FloorTimes& times, Samples& samples) {
  samples.floor.push_back(times.all());
  samples.floor_create.push_back(times.create_milliseconds);
  samples.floor_start.push_back(times.start_milliseconds);
  samples.floor_answer.push_back(times.answer_milliseconds);
}

void print_samples(const Samples& samples) {
  print_figure("promotion", median_of_ratios(samples.until_commit, samples.floor), "x", Goal::at_most,
               k_promotion_goal);
  print_figure("promotion.until_commit", median(samples.until_commit), "ms");
  print_figure("promotion.engine_floor", median(samples.floor), "ms");
  print_figure("promotion.engine_floor_create", median(samples.floor_create), "ms");
  print_figure("promotion.engine_floor_start", median(samples.floor_start), "ms");
  print_figure("promotion.engine_floor_answer", median(samples.floor_answer), "ms");
  for (const auto& [step, milliseconds] : samples.steps) {
    print_figure("promotion.step_" + step, median(milliseconds), "ms");
  }
  print_figure("promote_process", median(samples.process), "ms");
  print_figure("promote_memory", *std::max_element(samples.memory.begin(), samples.memory.end()), "MB",
               Goal::at_most, k_memory_goal_megabytes);
}

void measure_rollback(const LabEnvironment& lab) {
  std::vector<double> until_commit;
  for (int round = 0; round < k_rollbacks; ++round) {
    const auto figures = run_or_throw(lab, lab.halcyon({"rollback", std::string(k_environment), "--json"}));
    until_commit.push_back(json::parse(figures.output).at("until_commit_milliseconds"));
  }
  print_figure("rollback_until_commit", median(until_commit), "ms");
}

}  // namespace

void measure_promotion(const LabEnvironment& lab) {
  const std::string environment(k_environment);
  run_or_throw(lab, lab.halcyon({"install", environment, "1"}));
  run_or_throw(lab, lab.halcyon({"promote", environment, "2"}));  // the engine has both images now
  boost::asio::io_context io(1);                                  // one thread runs it, as in the program
  docker_api::Engine engine(io.get_executor(), lab.engine);
  const FloorTarget target = await_result(io, make_floor_target(engine, lab));
  await_result(io, measure_engine_floor(engine, target));
  Samples samples;
  for (int pair = 0; pair < lab.pairs; ++pair) {
    promote_once(lab, pair % 2 == 0 ? "1" : "2", samples);
    note_floor(await_result(io, measure_engine_floor(engine, target)), samples);
  }
  print_samples(samples);
  measure_rollback(lab);
  measure_processes(lab, environment);
}

}  // namespace halcyon::bench
