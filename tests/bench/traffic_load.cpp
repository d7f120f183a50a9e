#include "traffic_load.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "await_result.hpp"
#include "docker_api/containers.hpp"

namespace halcyon::bench {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

const std::vector<std::vector<std::string>> k_generators{
    {"--keepalive", "64", "--think", "0-20", "--fresh", "50", "--post", "50", "--slow", "10", "--slow-ms",
     "300", "--upload", "10", "--websocket", "5"},
    {"--keepalive", "16", "--think", "0-75000", "--seed", "2"}};

std::string file_of(const std::string& base, std::size_t generator, std::string_view what) {
  return fmt::format("{}.{}.{}", base, generator, what);
}

asio::awaitable<void> append_logs(docker_api::Engine& engine, std::string environment, bool running_ones_too,
                                  std::set<std::string>& saved, std::string file) {
  std::ofstream log(file, std::ios::app);
  const auto containers = co_await docker_api::list_containers(
      engine, {"halcyon.app=bench", "halcyon.environment=" + environment});
  for (const auto& container : containers) {
    if (container.state == "running" && !running_ones_too) continue;
    if (!saved.insert(container.id.value).second) continue;
    docker_api::ContainerId id = container.id;
    co_await docker_api::read_logs(engine, std::move(id), {},
                                   [&log](docker_api::LogStream, std::string_view piece) { log << piece; });
  }
  if (!log.flush()) throw std::runtime_error("cannot write " + file);
}

}  // namespace

TrafficLoad::TrafficLoad(const LabEnvironment& lab, const std::string& environment)
    : lab_(lab), environment_(environment), base_(lab.work_directory + "/traffic_" + environment) {
  for (std::size_t number = 0; number < k_generators.size(); ++number) {
    std::vector<std::string> command{lab.load_program(),
                                     "--url",
                                     "http://" + lab.nginx_address,
                                     "--host",
                                     environment + ".bench.test",
                                     "--expect-header",
                                     "X-Release=1,2",
                                     "--posts",
                                     file_of(base_, number, "posts"),
                                     "--report",
                                     file_of(base_, number, "report"),
                                     "--record-lost",
                                     file_of(base_, number, "failures"),
                                     "--until-stdin-closes"};
    command.insert(command.end(), k_generators[number].begin(), k_generators[number].end());
    generators_.push_back(std::make_unique<BackgroundProcess>(command, file_of(base_, number, "out")));
  }
}

void TrafficLoad::save_logs(bool running_ones_too) {
  asio::io_context io;
  docker_api::Engine engine(io.get_executor(), lab_.engine);
  await_result(io, append_logs(engine, environment_, running_ones_too, saved_, base_ + ".logged"));
}

void TrafficLoad::save_logs_of_stopped_containers() { save_logs(false); }

TrafficCounts TrafficLoad::finish() {
  for (const auto& generator : generators_) generator->finish();
  save_logs(true);
  TrafficCounts counts;
  for (std::size_t number = 0; number < generators_.size(); ++number) {
    const json report = json::parse(read_text_file(file_of(base_, number, "report")));
    counts.requests += report.at("requests").get<std::uint64_t>();
    counts.lost += report.at("lost").get<std::uint64_t>();
    counts.wrong += report.at("wrong").get<std::uint64_t>();
    counts.truncated += report.at("truncated").get<std::uint64_t>();
    counts.websockets_closed += report.at("websocket_closed").get<std::uint64_t>();
    const auto checked = run_measured(lab_, {lab_.load_program(), "check-posts", "--sent",
                                             file_of(base_, number, "posts"), "--logged", base_ + ".logged"});
    const json posts = json::parse(checked.output);
    counts.posts_sent += posts.at("sent").get<std::uint64_t>();
    counts.posts_lost += posts.at("answered_but_never_logged").get<std::uint64_t>();
    counts.posts_duplicated += posts.at("duplicated").get<std::uint64_t>();
  }
  generators_.clear();
  return counts;
}

}  // namespace halcyon::bench
