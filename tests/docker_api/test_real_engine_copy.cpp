// Copying in and out, and a followed log, with a real engine.
#include <sys/stat.h>

#include <filesystem>

#include "docker_api/container_copy.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/log_follower.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace fs = std::filesystem;
using halcyon::testing::write_text;

class RealEngineCopyTest : public RealEngineFixture {
 protected:
  ContainerId start(const std::string& script) {
    const ContainerId id = run(create_container(engine_, shell(build_busybox(), script))).id;
    run(start_container(engine_, id));
    return id;
  }
  std::string say(const ContainerId& id, const std::string& script) {
    const ExecOutput output = run(run_exec(engine_, id, {.command = {"/bin/sh", "-c", script}}));
    EXPECT_EQ(output.exit_code, 0) << output.stderr_text;
    return output.stdout_text;
  }

  const testing::TemporaryDirectory here_;
};

TEST_F(RealEngineCopyTest, a_tree_that_goes_in_comes_out_the_same) {
  const std::string deep = std::string(120, 'd') + "/" + std::string(110, 'f');
  fs::create_directories(here_ / "in/" + std::string(120, 'd'));
  fs::create_directories(here_ / "in/empty");
  write_text(here_ / "in/" + deep, std::string(200'000, 'x'));
  write_text(here_ / "in/run.sh", "#!/bin/sh\n");
  fs::permissions(here_ / "in/run.sh", fs::perms(0750));
  fs::create_symlink("/etc/passwd", here_ / "in/outside");
  fs::create_symlink(std::string(150, 't'), here_ / "in/long");
  const ContainerId id = start("/bin/busybox mkdir /srv; exec /bin/busybox sleep 1000");
  say(id, "until [ -d /srv ]; do /bin/busybox sleep 0.05; done");
  run(copy_in(engine_, id, here_ / "in", "/srv/app"));
  EXPECT_EQ(say(id, "cd /srv/app; /bin/busybox stat -c '%a %n' run.sh; /bin/busybox wc -c < " + deep +
                        "; /bin/busybox readlink outside; /bin/busybox readlink long"),
            "750 run.sh\n200000\n/etc/passwd\n" + std::string(150, 't') + "\n");
  const CopyOutResult result = run(copy_out(engine_, id, "/srv/app", here_ / "out"));
  EXPECT_EQ(result.files, 2U);
  EXPECT_TRUE(result.stat.is_directory());
  EXPECT_EQ(std::system(("diff -r --no-dereference " + (here_ / "in") + " " + (here_ / "out")).c_str()), 0);
  EXPECT_EQ(fs::status(here_ / "out/run.sh").permissions(), fs::perms(0750));
  EXPECT_EQ(fs::read_symlink(here_ / "out/long"), std::string(150, 't'));
  // Once more over what is there: a directory is added to.
  write_text(here_ / "in/run.sh", "#!/bin/false\n");
  run(copy_in(engine_, id, here_ / "in", "/srv/app"));
  EXPECT_EQ(run(read_file(engine_, id, "/srv/app/run.sh")), "#!/bin/false\n");
}

TEST_F(RealEngineCopyTest, a_stopped_container_is_read_and_written_too) {
  const ContainerId id =
      run(create_container(engine_, shell(build_busybox(), "/bin/busybox cat /etc/greeting"))).id;
  expect_error([&] { run(write_file(engine_, id, "/no/such/dir/f", "x")); }, ErrorKind::not_found, "dir");
  run(write_file(engine_, id, "/greeting", "hello\n", 0640));
  EXPECT_EQ(run(read_file(engine_, id, "/greeting")), "hello\n");
  EXPECT_EQ(run(find_path(engine_, id, "/greeting"))->permissions(), 0640U);
  expect_error([&] { run(read_file(engine_, id, "/bin")); }, ErrorKind::invalid_argument, "is no file");
  expect_error([&] { run(read_file(engine_, id, "/nothing")); }, ErrorKind::not_found, "nothing");
  expect_error([&] { run(copy_out(engine_, id, "/nothing", here_ / "out")); }, ErrorKind::not_found,
               "nothing");
  EXPECT_EQ(here_.names(), std::vector<std::string>{});
}

TEST_F(RealEngineCopyTest, a_file_and_a_directory_never_take_each_others_place) {
  const ContainerId id = run(create_container(engine_, shell(build_busybox(), "true"))).id;
  fs::create_directory(here_ / "d");
  run(copy_in(engine_, id, here_ / "d", "/thing"));
  const Error error = expect_error([&] { run(write_file(engine_, id, "/thing", "x")); });
  EXPECT_FALSE(error.engine_text().empty()) << error.what();
  run(write_file(engine_, id, "/thing/f", "x"));
  EXPECT_EQ(run(read_file(engine_, id, "/thing/f")), "x");
}

boost::asio::awaitable<std::vector<std::string>> follow_container(Engine& engine, ContainerId id) {
  LogFollower follower(engine, id);
  std::vector<std::string> lines;
  while (const auto message = co_await follower.next()) {
    EXPECT_FALSE(message->after_gap);
    EXPECT_GT(message->at.time_since_epoch().count(), 0);
    lines.push_back((message->stream == LogStream::stderr_stream ? "err " : "") + message->text);
  }
  co_return lines;
}

TEST_F(RealEngineCopyTest, a_followed_log_goes_on_over_restarts_and_ends_with_the_container) {
  // Fails twice; the third time the restart policy leaves it alone.
  ContainerSpec spec = shell(build_busybox(),
                             "echo out; echo err >&2; echo x >> /runs; "
                             "[ $(/bin/busybox wc -l < /runs) -ge 3 ]");
  spec.restart_policy = RestartPolicy::on_failure;
  const ContainerId id = run(create_container(engine_, spec)).id;
  run(start_container(engine_, id));
  std::vector<std::string> lines = run(follow_container(engine_, id));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "out\n"), 3);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "err err\n"), 3);
  EXPECT_EQ(lines.size(), 6U);
}

TEST_F(RealEngineCopyTest, a_terminals_log_is_followed_line_by_line) {
  ContainerSpec spec = shell(build_busybox(), "echo one; echo two");
  spec.tty = true;
  const ContainerId id = run(create_container(engine_, spec)).id;
  run(start_container(engine_, id));
  EXPECT_EQ(run(follow_container(engine_, id)), (std::vector<std::string>{"one\r\n", "two\r\n"}));
}

boost::asio::awaitable<std::vector<LogMessage>> gather(Engine& engine, ContainerId id,
                                                       FollowLogOptions options) {
  LogFollower follower(engine, id, options);
  std::vector<LogMessage> messages;
  while (auto message = co_await follower.next()) messages.push_back(std::move(*message));
  co_return messages;
}

// What a reconnect relies on: `since` takes nanoseconds and gives the message of that very moment again.
TEST_F(RealEngineCopyTest, a_log_begins_again_with_the_message_of_the_moment_that_is_asked_for) {
  const ContainerId id =
      run(create_container(engine_, shell(build_busybox(), "for i in 1 2 3 4 5; do echo line $i; done"))).id;
  run(start_container(engine_, id));
  const auto all = run(gather(engine_, id, {}));
  ASSERT_EQ(all.size(), 5U);
  for (std::size_t from = 0; from < all.size(); ++from) {
    const auto rest = run(gather(engine_, id, {.since = all[from].at}));
    ASSERT_EQ(rest.size(), all.size() - from);
    EXPECT_EQ(rest.front().text, all[from].text);
    EXPECT_EQ(rest.front().at, all[from].at);
  }
}

}  // namespace
}  // namespace halcyon::docker_api
