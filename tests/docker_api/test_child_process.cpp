#include "docker_api/child_process.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "docker_api/file_descriptor.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using testing::TemporaryDirectory;

class ChildProcessTest : public ::testing::Test {
 protected:
  /// A command that runs `script` in a shell: it stands for any program.
  ChildCommand shell(const std::string& script) {
    return {.argv = {"/bin/sh", "-c", script, "sh"}, .environment = {"PATH=/usr/bin:/bin", "COLOUR=blue"}};
  }
  int run_to_end(const ChildCommand& command) {
    ChildProcess child(io_.get_executor(), command);
    return test_support::run(io_, child.wait());
  }
  /// Runs it with its output in a pipe and gives back what it said.
  std::string read_output(ChildCommand command) {
    Pipe pipe = make_pipe();
    command.streams.standard_output = pipe.write_end.get();
    ChildProcess child(io_.get_executor(), command);
    pipe.write_end.reset();
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(pipe.read_end.get(), buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    exit_code_ = test_support::run(io_, child.wait());
    return text;
  }
  static bool is_there(pid_t pid) { return ::kill(pid, 0) == 0; }

  asio::io_context io_;
  int exit_code_ = -1;
};

TEST_F(ChildProcessTest, the_exit_code_or_the_signal_is_the_result) {
  EXPECT_EQ(run_to_end(shell("exit 0")), 0);
  EXPECT_EQ(run_to_end(shell("exit 7")), 7);
  EXPECT_EQ(run_to_end(shell("kill -TERM $$")), 128 + SIGTERM);
}

TEST_F(ChildProcessTest, the_result_may_be_asked_for_again) {
  ChildProcess child(io_.get_executor(), shell("exit 3"));
  EXPECT_EQ(test_support::run(io_, child.wait()), 3);
  EXPECT_EQ(test_support::run(io_, child.wait()), 3);
}

TEST_F(ChildProcessTest, the_three_streams_go_where_they_are_told_to) {
  Pipe input = make_pipe();
  Pipe errors = make_pipe();
  ASSERT_EQ(::write(input.write_end.get(), "ping", 4), 4);
  input.write_end.reset();
  ChildCommand command = shell("cat; echo oops >&2");
  command.streams = {.standard_input = input.read_end.get(), .standard_error = errors.write_end.get()};
  EXPECT_EQ(read_output(command), "ping");
  char buffer[16] = {};
  EXPECT_EQ(::read(errors.read_end.get(), buffer, sizeof buffer), 5);
  EXPECT_STREQ(buffer, "oops\n");
}

TEST_F(ChildProcessTest, one_descriptor_may_be_two_streams) {
  ChildCommand command = shell("echo out; echo err >&2");
  Pipe pipe = make_pipe();
  command.streams = {.standard_output = pipe.write_end.get(), .standard_error = pipe.write_end.get()};
  EXPECT_EQ(run_to_end(command), 0);
  char buffer[16] = {};
  EXPECT_EQ(::read(pipe.read_end.get(), buffer, sizeof buffer), 8);
  EXPECT_STREQ(buffer, "out\nerr\n");
}

TEST_F(ChildProcessTest, streams_that_are_not_given_are_dev_null) {
  EXPECT_EQ(run_to_end(shell("test \"$(cat)\" = '' && echo lost && echo lost >&2 && "
                             "test \"$(readlink /proc/$$/fd/0)\" = /dev/null && "
                             "test \"$(readlink /proc/$$/fd/2)\" = /dev/null")),
            0);
}

TEST_F(ChildProcessTest, the_environment_is_the_one_given_and_no_other) {
  EXPECT_EQ(read_output(shell("echo \"$COLOUR,$HOME\"")), "blue,\n");
}

TEST_F(ChildProcessTest, nothing_else_that_is_open_here_is_open_there) {
  const Pipe mine = make_pipe();
  const FileDescriptor inheritable(::dup(mine.read_end.get()));  // without close-on-exec
  EXPECT_EQ(
      read_output(shell("test -e /proc/$$/fd/" + std::to_string(inheritable.get()) + " || echo closed")),
      "closed\n");
}

TEST_F(ChildProcessTest, signals_are_as_a_fresh_program_expects_them) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const std::string status = read_output({.argv = {"/bin/cat", "/proc/self/status"}});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const auto mask = [&](const std::string& name) {
    return std::stoull(status.substr(status.find(name) + name.size()), nullptr, 16);
  };
  EXPECT_EQ(mask("SigBlk:"), 0U);
  EXPECT_EQ(mask("SigIgn:") >> (SIGPIPE - 1) & 1, 0U);
}

TEST_F(ChildProcessTest, a_signal_is_delivered) {
  ChildProcess child(io_.get_executor(), {.argv = {"/bin/sleep", "1000"}});
  child.kill(SIGTERM);
  EXPECT_EQ(test_support::run(io_, child.wait()), 128 + SIGTERM);
  child.kill(SIGTERM);  // its number may be another's by now: nothing is sent
}

TEST_F(ChildProcessTest, at_the_end_of_its_owner_the_child_is_killed_and_reaped) {
  pid_t pid = -1;
  {
    ChildProcess child(io_.get_executor(), {.argv = {"/bin/sleep", "1000"}});
    pid = child.pid();
    EXPECT_TRUE(is_there(pid));
  }
  EXPECT_FALSE(is_there(pid));
}

TEST_F(ChildProcessTest, in_its_own_session_its_children_are_killed_too) {
  Pipe pipe = make_pipe();
  {
    // The grandchild holds the pipe open; it closes only when that one dies as well.
    ChildCommand command = shell("/bin/sleep 1000 & echo started; wait");
    command.own_session = true;
    command.streams.standard_output = pipe.write_end.get();
    ChildProcess child(io_.get_executor(), command);
    pipe.write_end.reset();
    char buffer[16];
    ASSERT_EQ(::read(pipe.read_end.get(), buffer, sizeof buffer), 8);
    EXPECT_EQ(::getsid(child.pid()), child.pid());
  }
  char buffer[16];
  EXPECT_EQ(::read(pipe.read_end.get(), buffer, sizeof buffer), 0);
}

asio::awaitable<void> expect_cancelled(ChildProcess& child, bool& was_cancelled) {
  try {
    co_await child.wait();
  } catch (const Error& error) {
    was_cancelled = error.kind() == ErrorKind::cancelled;
  }
}

TEST_F(ChildProcessTest, a_wait_can_be_cancelled_and_the_child_lives_on) {
  ChildProcess child(io_.get_executor(), {.argv = {"/bin/sleep", "1000"}});
  asio::cancellation_signal signal;
  bool was_cancelled = false;
  asio::co_spawn(io_, expect_cancelled(child, was_cancelled),
                 asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
  io_.poll();
  signal.emit(asio::cancellation_type::terminal);
  io_.restart();
  io_.run();
  EXPECT_TRUE(was_cancelled);
  EXPECT_TRUE(is_there(child.pid()));
}

TEST_F(ChildProcessTest, what_cannot_be_run_says_why) {
  const TemporaryDirectory directory;
  testing::write_text(directory / "text", "no program");
  const auto start = [&](const std::string& path) {
    ChildProcess child(io_.get_executor(), {.argv = {path}});
  };
  expect_error([&] { start(directory / "absent"); }, ErrorKind::invalid_argument,
               "No such file or directory");
  expect_error([&] { start(directory / "text"); }, ErrorKind::invalid_argument, "Permission denied");
  expect_error([&] { start("relative"); }, ErrorKind::invalid_argument, "an absolute path is needed");
  expect_error([&] { ChildProcess child(io_.get_executor(), {}); }, ErrorKind::invalid_argument,
               "an absolute path is needed");
}

TEST(FindProgramTest, the_first_executable_file_in_an_absolute_directory_is_found) {
  const TemporaryDirectory directory;
  for (const char* name : {"a", "b", "c"}) std::filesystem::create_directory(directory / name);
  testing::write_text(directory / "a/tool", "not executable");
  std::filesystem::create_directory(directory / "b/tool");
  testing::write_text(directory / "c/tool", "#!/bin/sh\n");
  std::filesystem::permissions(directory / "c/tool", std::filesystem::perms::owner_all);
  const std::string search_path =
      ":relative:" + directory / "a" + ":" + directory / "b" + ":" + directory / "c";
  EXPECT_EQ(find_program(search_path, "tool"), directory / "c/tool");
  EXPECT_EQ(find_program(search_path + "/", "tool"), directory / "c//tool");
  EXPECT_EQ(find_program(directory / "a", "tool"), std::nullopt);
  EXPECT_EQ(find_program("", "tool"), std::nullopt);
  EXPECT_EQ(find_program(directory.path(), "c/tool"), std::nullopt);
  EXPECT_EQ(find_program(search_path, ""), std::nullopt);
}

}  // namespace
}  // namespace halcyon::docker_api
