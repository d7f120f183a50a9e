// A host with 1,000 containers: their list, and `halcyon status` beside them.
#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

#include "await_result.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/images.hpp"
#include "docker_api_parts.hpp"
#include "pairs.hpp"
#include "processes.hpp"
#include "python_peer.hpp"
#include "raw_connection.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;

constexpr int k_containers = 1'000;
constexpr int k_workers = 4;
constexpr int k_list_rounds = 24;
constexpr int k_status_rounds = 24;
constexpr int k_list_cli_runs = 10;
constexpr double k_status_goal = 3;
constexpr const char* k_list_target = "/v1.41/containers/json?all=1";
constexpr const char* k_list_environment = "list";

asio::awaitable<void> create_some(docker_api::Engine& engine, std::string image, int first,
                                  std::vector<docker_api::ContainerId>& created) {
  for (int number = first; number < k_containers; number += k_workers) {
    docker_api::ContainerSpec spec{.name = "bench_list_" + std::to_string(number), .image = image};
    spec.labels["bench.list"] = std::to_string(number);
    const auto container = co_await docker_api::create_container(engine, std::move(spec));
    created.push_back(container.id);
  }
}

asio::awaitable<void> remove_some(docker_api::Engine& engine, int first,
                                  const std::vector<docker_api::ContainerId>& created) {
  for (std::size_t number = static_cast<std::size_t>(first); number < created.size(); number += k_workers) {
    co_await docker_api::remove_container(engine, created[number]);
  }
}

/// 1,000 containers that have never run.
class ManyContainers {
 public:
  explicit ManyContainers(const LabEnvironment& lab) : engine_(io_.get_executor(), lab.engine) {
    const auto image = await_result(io_, docker_api::inspect_image(engine_, lab.registry + "/bench/web:1"));
    run_workers([&](int first) { return create_some(engine_, image.id.value, first, created_); });
  }
  ~ManyContainers() {
    try {
      run_workers([this](int first) { return remove_some(engine_, first, created_); });
    } catch (const std::exception&) {
      // The lab's engine goes with everything in it.
    }
  }
  ManyContainers(const ManyContainers&) = delete;
  ManyContainers& operator=(const ManyContainers&) = delete;

 private:
  template <class MakeWork>
  void run_workers(MakeWork make_work) {
    std::exception_ptr failed;
    for (int first = 0; first < k_workers; ++first) {
      asio::co_spawn(io_, make_work(first), [&failed](const std::exception_ptr& error) {
        if (error) failed = error;
      });
    }
    io_.restart();
    io_.run();
    if (failed) std::rethrow_exception(failed);
  }

  asio::io_context io_;
  docker_api::Engine engine_;
  std::vector<docker_api::ContainerId> created_;
};

double median_milliseconds(const LabEnvironment& lab, const std::vector<std::string>& command) {
  std::vector<double> milliseconds;
  for (int run = 0; run < k_list_cli_runs; ++run)
    milliseconds.push_back(run_or_throw(lab, command).milliseconds);
  return median(milliseconds);
}

void measure_list(const LabEnvironment& lab) {
  asio::io_context io;
  docker_api::Engine engine(io.get_executor(), lab.engine);
  RawConnection raw(lab.engine);
  const Pairs pairs = measure_pairs(
      k_list_rounds,
      [&] {
        if (await_result(io, docker_api::query_containers(engine, {})).size() < k_containers)
          throw std::runtime_error("there are too few containers");
      },
      [&] { raw.get(k_list_target); });
  print_figure("list_1000", median_of_ratios(pairs.ours.seconds, pairs.raw.seconds), "x");
  print_figure("list_1000.client", median(pairs.ours.seconds) * 1e3, "ms");
  print_figure("list_1000.client_cpu", median(pairs.ours.cpu_seconds) * 1e3, "ms");
  print_figure("list_1000.raw_loop", median(pairs.raw.seconds) * 1e3, "ms");
  const auto python = run_python_peer(lab, lab.engine_text, {"containers"});
  print_figure("list_1000.python3_docker_sparse", python.at("sparse") * 1e3, "ms");
  print_figure("list_1000.python3_docker", python.at("full") * 1e3, "ms");
  print_figure("list_1000.docker_ps", median_milliseconds(lab, {"docker", "ps", "--all", "--quiet"}), "ms");
}

void measure_status(const LabEnvironment& lab) {
  RawConnection raw(lab.engine);
  const std::vector<std::string> command = lab.halcyon({"status", k_list_environment});
  const Pairs pairs = measure_pairs(
      k_status_rounds, [&] { run_or_throw(lab, command); }, [&] { raw.get(k_list_target); });
  print_figure("status_1000", median_of_ratios(pairs.ours.seconds, pairs.raw.seconds), "x", Goal::at_most,
               k_status_goal);
  print_figure("status_1000.process", median(pairs.ours.seconds) * 1e3, "ms");
  print_figure("status_1000.engine_list", median(pairs.raw.seconds) * 1e3, "ms");
}

}  // namespace

void measure_container_list(const LabEnvironment& lab) {
  run_or_throw(lab, lab.halcyon({"install", k_list_environment, "1"}));
  const ManyContainers containers(lab);
  measure_list(lab);
  measure_status(lab);
}

}  // namespace halcyon::bench
