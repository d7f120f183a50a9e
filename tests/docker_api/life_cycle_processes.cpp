// exec, attach and run of the life-cycle suite: life_cycle_suite.hpp.
#include "docker_api/container_attach.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/run_container.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;

TEST_P(LifeCycle, a_command_is_run_in_it_with_input_both_outputs_and_exit_code) {
  const ContainerId id = start_serving();
  const ExecOutput plain = run(run_exec(engine(), id, {.command = short_program().command}));
  EXPECT_EQ(plain.stdout_text, "one\n");
  EXPECT_EQ(plain.stderr_text, "two\n");
  EXPECT_EQ(plain.exit_code, 42);

  const std::string input(300'000, 'i');
  const ExecOutput echoed =
      run(run_exec(engine(), id, {.command = echo_program().command}, {.stdin_text = input}));
  EXPECT_EQ(echoed.stdout_text.size(), input.size());
  EXPECT_TRUE(echoed.stdout_text == input);
  EXPECT_EQ(echoed.stderr_text, "done\n");
  EXPECT_EQ(echoed.exit_code, 3);
}

TEST_P(LifeCycle, a_command_that_is_not_there_has_an_exit_code_of_126_or_127) {
  const ContainerId id = start_serving();
  const ExecOutput absent = run(run_exec(engine(), id, {.command = {"/bin/absent"}}));
  EXPECT_TRUE(absent.exit_code == 126 || absent.exit_code == 127) << absent.exit_code;
}

TEST_P(LifeCycle, an_exec_has_no_exit_code_before_it_was_started) {
  const ContainerId id = start_serving();
  const ExecId exec = run(create_exec(engine(), id, {.command = short_program().command}));
  const ExecDetails details = run(inspect_exec(engine(), exec));
  EXPECT_EQ(details.id, exec);
  EXPECT_EQ(details.container, id);
  EXPECT_FALSE(details.running);
  EXPECT_EQ(details.exit_code, std::nullopt);
}

TEST_P(LifeCycle, nothing_is_run_in_a_container_that_does_not_run) {
  const ContainerId id = create(short_program());
  const Error error =
      expect_error([&] { run(create_exec(engine(), id, {.command = short_program().command})); });
  EXPECT_EQ(error.kind(), conflict()) << error.what();
}

struct Attached {
  OutputTexts texts;
  std::int64_t exit_code = 0;
};

/// Attaches before the start, writes, ends the input and reads on.
asio::awaitable<Attached> attach_and_start(Engine& engine, ContainerId id, std::string input) {
  ProcessStream stream = co_await attach_container(engine, id, {.stdin_open = true, .tty = false});
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::next_exit);
  co_await start_container(engine, id);
  EXPECT_TRUE(co_await stream.write(input));
  co_await stream.end_writing();
  Attached attached;
  while (const auto piece = co_await stream.next()) attached.texts.add(*piece);
  attached.exit_code = co_await wait.result();
  co_return attached;
}

TEST_P(LifeCycle, the_input_of_an_attached_container_ends_while_its_output_is_still_read) {
  ContainerSpec wanted = spec(echo_program());
  wanted.open_stdin = true;
  // No more than a pipe holds: it is written before anybody reads.
  const std::string input(20'000, 'i');
  const Attached attached = run(attach_and_start(engine(), create(wanted), input));
  EXPECT_EQ(attached.texts, (OutputTexts{input, "done\n"}));
  EXPECT_EQ(attached.exit_code, 3);
}

TEST_P(LifeCycle, a_container_is_run_to_its_end_and_leaves_nothing) {
  const RunOutput output = run(run_container(engine(), spec(echo_program()), {.stdin_text = "from stdin"}));
  EXPECT_EQ(output.stdout_text, "from stdin");
  EXPECT_EQ(output.stderr_text, "done\n");
  EXPECT_EQ(output.exit_code, 3);
  EXPECT_TRUE(run(list_containers(engine(), {label()})).empty());
}

}  // namespace
}  // namespace halcyon::docker_api
