// The suite that real engines pass, against the fake one: same assertions, so that the fake is like them.
#include "docker_api/testing/fake_engine.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;

constexpr const char* k_image = "127.0.0.1:5000/life-cycle/app:1";

/// Does what the suite says that its programs do.
fake::Program choose_program(const fake::Launch& launch) {
  for (const SuiteProgram* program : {&serve_program(), &short_program(), &echo_program()}) {
    if (program->command != launch.command) continue;
    fake::Program chosen{.output = {{LogStream::stdout_stream, program->stdout_text},
                                    {LogStream::stderr_stream, program->stderr_text}},
                         .echoes_input = program->echoes_stdin,
                         .exit_code = static_cast<int>(program->exit_code),
                         .last_output = {{LogStream::stdout_stream, "bye\n"}}};
    if (!program->runs_until_stopped) chosen.runs_for = std::chrono::milliseconds{0};
    return chosen;
  }
  const std::string name = launch.command.empty() ? "" : launch.command.front();
  return {.cannot_start = "exec: \"" + name + "\": stat " + name + ": no such file or directory: unknown"};
}

struct FakeAndClient {
  FakeAndClient(asio::io_context& io, fake::Settings settings, fake::Transport transport)
      : fake(std::move(settings), transport), engine(io.get_executor(), fake.address()) {
    fake.put_in_registry(k_image, {.command = {"/app"}, .environment = {"PATH=/bin"}});
  }

  fake::FakeEngine fake;
  Engine engine;
};

EngineUnderTest fake_engine(std::string name, ApiVersion version,
                            fake::Transport transport = fake::Transport::unix_socket) {
  return {.name = std::move(name),
          .connect =
              [version, transport](asio::io_context& io) {
                const auto both = std::make_shared<FakeAndClient>(
                    io,
                    fake::Settings{
                        .api_version = version, .program = choose_program, .exec_program = choose_program},
                    transport);
                return std::shared_ptr<Engine>(both, &both->engine);
              },
          .image = [] { return std::string(k_image); },
          .can = {}};
}

INSTANTIATE_TEST_SUITE_P(FakeEngine, LifeCycle,
                         ::testing::Values(fake_engine("Api141", {1, 41}), fake_engine("Api144", {1, 44}),
                                           fake_engine("Api155", {1, 55}),
                                           fake_engine("Tcp", {1, 41}, fake::Transport::tcp)),
                         name_of_engine);

}  // namespace
}  // namespace halcyon::docker_api
