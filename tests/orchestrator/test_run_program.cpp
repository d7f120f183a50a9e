#include "orchestrator/run_program.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "orchestrator/bounded.hpp"

namespace halcyon::orchestrator {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

asio::awaitable<void> store(asio::any_io_executor executor, std::vector<std::string> argv,
                            milliseconds deadline, ProgramResult& result) {
  result = co_await run_program(executor, std::move(argv), deadline);
}

ProgramResult run_to_end(std::vector<std::string> argv, milliseconds deadline = milliseconds(10'000)) {
  asio::io_context io;
  ProgramResult result;
  asio::co_spawn(io, store(io.get_executor(), std::move(argv), deadline, result),
                 [](std::exception_ptr error) {
                   if (error) std::rethrow_exception(error);
                 });
  io.run();
  return result;
}

TEST(RunProgram, gives_exit_code_and_both_outputs) {
  const ProgramResult result = run_to_end({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_TRUE(result.started);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(RunProgram, says_why_a_program_cannot_be_started) {
  const ProgramResult result = run_to_end({"/nowhere/nginx", "-t"});
  EXPECT_FALSE(result.started);
  EXPECT_EQ(result.output,
            "/nowhere/nginx: cannot be run: No such file or directory; check that it is an executable "
            "file of "
            "this machine");
}

TEST(RunProgram, kills_what_takes_too_long) {
  const ProgramResult result = run_to_end({"/bin/sleep", "60"}, milliseconds(20));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + 9);
}

TEST(RunProgram, does_not_wait_for_a_grandchild_that_holds_the_output_open) {
  const ProgramResult result =
      run_to_end({"/bin/sh", "-c", "sleep 5 & echo out; exec sleep 5"}, milliseconds(100));
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + 9);
  EXPECT_EQ(result.output, "out\n");
}

TEST(RunProgram, arguments_are_never_seen_by_a_shell_and_the_environment_is_not_inherited) {
  ::setenv("HALCYON_TEST_SECRET", "canary", 1);
  EXPECT_EQ(run_to_end({"/bin/echo", "$(id); `id`"}).output, "$(id); `id`\n");
  EXPECT_EQ(run_to_end({"/usr/bin/env"}).output.find("canary"), std::string::npos);
}

TEST(RunProgram, keeps_the_beginning_of_an_endless_output) {
  const ProgramResult result = run_to_end({"/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_LE(result.output.size(), 70'000U);
}

asio::awaitable<void> pause_twice(bool& reached) {
  co_await pause(milliseconds(60'000));
  reached = true;
}

asio::awaitable<void> throw_at_once() {
  co_await pause(milliseconds(0));
  throw std::runtime_error("as told");
}

asio::awaitable<void> store_bounded(asio::awaitable<void> operation, milliseconds deadline,
                                    Canceller& canceller, asio::any_io_executor executor,
                                    BoundedResult& result) {
  result = co_await run_bounded(executor, std::move(operation), deadline, canceller);
}

BoundedResult run_operation(asio::awaitable<void> operation, milliseconds deadline,
                            bool cancel_at_once = false) {
  asio::io_context io;
  BoundedResult result;
  Canceller canceller;
  asio::co_spawn(io, store_bounded(std::move(operation), deadline, canceller, io.get_executor(), result),
                 [](std::exception_ptr error) {
                   if (error) std::rethrow_exception(error);
                 });
  if (cancel_at_once)
    asio::post(io, [&io, &canceller] { asio::post(io, [&canceller] { canceller.cancel(); }); });
  io.run();
  return result;
}

TEST(Bounded, ends_an_operation_at_its_deadline_and_says_so) {
  bool reached = false;
  const BoundedResult result = run_operation(pause_twice(reached), milliseconds(10));
  EXPECT_TRUE(result.timed_out);
  EXPECT_TRUE(result.error);
  EXPECT_FALSE(reached);
}

TEST(Bounded, hands_on_what_the_operation_throws) {
  const BoundedResult result = run_operation(throw_at_once(), milliseconds(10'000));
  EXPECT_FALSE(result.timed_out);
  ASSERT_TRUE(result.error);
  EXPECT_THROW(std::rethrow_exception(result.error), std::runtime_error);
}

TEST(Bounded, an_operation_can_be_cancelled_from_outside) {
  bool reached = false;
  const BoundedResult result = run_operation(pause_twice(reached), milliseconds(10'000), true);
  EXPECT_FALSE(result.timed_out);
  EXPECT_TRUE(result.error);
  EXPECT_FALSE(reached);
}

}  // namespace
}  // namespace halcyon::orchestrator
