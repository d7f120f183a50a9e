#include "tests/docker_api/life_cycle_suite.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <stdexcept>

#include "docker_api/networks.hpp"
#include "docker_api/volumes.hpp"

namespace halcyon::docker_api {

namespace asio = boost::asio;

namespace {

asio::awaitable<std::int64_t> start_and_wait(Engine& engine, ContainerId id) {
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::next_exit);
  co_await start_container(engine, id);
  co_return co_await wait.result();
}

/// Until it has said so, what the program does first may not have been done.
asio::awaitable<void> wait_until_serving(Engine& engine, ContainerId id) {
  LogReader reader = co_await open_logs(engine, std::move(id), {.follow = true, .tty = false});
  OutputTexts said;
  const SuiteProgram& program = serve_program();
  while (said.out.size() < program.stdout_text.size() || said.err.size() < program.stderr_text.size()) {
    const auto piece = co_await reader.next();
    if (!piece) throw std::runtime_error("it ended before it served: " + said.out + said.err);
    said.add(*piece);
  }
}

}  // namespace

void PrintTo(const EngineUnderTest& engine, std::ostream* out) { *out << engine.name; }

std::string name_of_engine(const ::testing::TestParamInfo<EngineUnderTest>& info) { return info.param.name; }

const SuiteProgram& serve_program() {
  static const SuiteProgram program{
      .command =
          {"/bin/sh", "-c",
           "trap 'echo bye; exit 0' TERM; echo ready; echo warm >&2; while :; do sleep 1 & wait $!; done"},
      .stdout_text = "ready\n",
      .stderr_text = "warm\n",
      .runs_until_stopped = true};
  return program;
}

const SuiteProgram& short_program() {
  static const SuiteProgram program{.command = {"/bin/sh", "-c", "echo one; echo two >&2; exit 42"},
                                    .stdout_text = "one\n",
                                    .stderr_text = "two\n",
                                    .exit_code = 42};
  return program;
}

const SuiteProgram& echo_program() {
  static const SuiteProgram program{.command = {"/bin/sh", "-c", "cat; echo done >&2; exit 3"},
                                    .stderr_text = "done\n",
                                    .echoes_stdin = true,
                                    .exit_code = 3};
  return program;
}

void break_all_connections() {
  std::vector<int> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    descriptors.push_back(std::stoi(entry.path().filename()));
  }
  for (const int descriptor : descriptors) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0) {
      ::shutdown(descriptor, SHUT_RDWR);
    }
  }
}

void OutputTexts::add(const LogPiece& piece) {
  (piece.stream == LogStream::stderr_stream ? err : out) += piece.bytes;
}

/// One for all tests: a connection over ssh takes its time.
struct LifeCycle::Client {
  boost::asio::io_context io;
  std::shared_ptr<Engine> engine;
};

std::map<std::string, std::unique_ptr<LifeCycle::Client>>& LifeCycle::clients() {
  static std::map<std::string, std::unique_ptr<Client>> clients;
  return clients;
}

LifeCycle::Client& LifeCycle::client_of(const EngineUnderTest& engine) {
  std::unique_ptr<Client>& client = clients()[engine.name];
  if (!client) {
    client = std::make_unique<Client>();
    client->engine = engine.connect(client->io);
  }
  return *client;
}

void LifeCycle::TearDownTestSuite() { clients().clear(); }

LifeCycle::LifeCycle()
    : io_(client_of(GetParam()).io),
      engine_(*client_of(GetParam()).engine),
      prefix_("life-cycle-" + std::to_string(::getpid())),
      image_name_(GetParam().image()) {}

ImageDetails LifeCycle::image() {
  if (auto present = run(find_image(engine(), image_name_))) return *std::move(present);
  return run(pull_image(engine(), parse_image_reference(image_name_)));
}

ImageReference LifeCycle::image_to_remove(const std::string& repository_and_tag) {
  images_to_remove_.push_back(repository_and_tag);
  return parse_image_reference(repository_and_tag);
}

ContainerSpec LifeCycle::spec(const SuiteProgram& program, const std::string& name) {
  return {.name = named(name), .image = image().id.value, .command = program.command, .labels = labels()};
}

ContainerId LifeCycle::create(ContainerSpec spec) {
  return run(create_container(engine(), std::move(spec))).id;
}

ContainerId LifeCycle::create(const SuiteProgram& program, const std::string& name) {
  return create(spec(program, name));
}

ContainerId LifeCycle::start_serving(const std::string& name) {
  const ContainerId id = create(serve_program(), name);
  run(start_container(engine(), id));
  run(wait_until_serving(engine(), id));
  return id;
}

ContainerDetails LifeCycle::inspect(const ContainerId& id) { return run(inspect_container(engine(), id)); }

std::int64_t LifeCycle::run_to_end(const ContainerId& id) { return run(start_and_wait(engine(), id)); }

void LifeCycle::clean_up() {
  for (const ContainerSummary& container : run(list_containers(engine(), {label()}))) {
    run(remove_container(engine(), container.id, {.force = true}));
  }
  for (const NetworkDetails& network : run(list_networks(engine(), {label()}))) {
    run(remove_network(engine(), network.id.value));
  }
  for (const VolumeDetails& volume : run(list_volumes(engine(), {label()}))) {
    run(remove_volume(engine(), volume.name));
  }
  for (const std::string& name : images_to_remove_) run(remove_image(engine(), name, true));
  images_to_remove_.clear();
}

}  // namespace halcyon::docker_api
