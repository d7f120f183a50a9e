// Containers of the life-cycle suite: life_cycle_suite.hpp.
#include "docker_api/container_archive.hpp"
#include "docker_api/container_control.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/tar_stream.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<OutputTexts> read_log(Engine& engine, ContainerId id, LogOptions options) {
  LogReader reader = co_await open_logs(engine, std::move(id), std::move(options));
  OutputTexts texts;
  while (const auto piece = co_await reader.next()) texts.add(*piece);
  co_return texts;
}

asio::awaitable<std::int64_t> kill_and_wait(Engine& engine, ContainerId id) {
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::not_running);
  co_await kill_container(engine, id, "SIGKILL");
  co_return co_await wait.result();
}

asio::awaitable<std::string> read_archive(Engine& engine, ContainerId id, std::string path) {
  PathArchive opened = co_await open_archive(engine, std::move(id), std::move(path));
  std::string bytes;
  for (std::string_view piece = co_await opened.archive.read_some(); !piece.empty();
       piece = co_await opened.archive.read_some()) {
    bytes += piece;
  }
  co_return bytes;
}

TEST_P(LifeCycle, a_container_is_created_started_and_stopped) {
  ContainerSpec wanted = spec(serve_program());
  wanted.labels["extra"] = "1";
  wanted.environment = {{"GREETING", "hello world"}};
  const ContainerId id = create(wanted);
  const ContainerDetails created = inspect(id);
  EXPECT_EQ(created.id, id);
  EXPECT_EQ(created.name, wanted.name);
  EXPECT_EQ(created.image, image().id);
  EXPECT_EQ(created.state, "created");
  EXPECT_FALSE(created.running);
  EXPECT_EQ(created.started_at, std::nullopt);
  EXPECT_EQ(created.labels.at("extra"), "1");

  EXPECT_EQ(run(start_container(engine(), id)), Change::changed);
  EXPECT_EQ(run(start_container(engine(), id)), Change::already);
  const ContainerDetails running = inspect(ContainerId(wanted.name));
  EXPECT_EQ(running.id, id) << "a name does for an id";
  EXPECT_EQ(running.state, "running");
  EXPECT_TRUE(running.running);
  EXPECT_GT(running.pid, 0);
  EXPECT_TRUE(running.started_at);

  EXPECT_EQ(run(stop_container(engine(), id, 5s)), Change::changed);
  EXPECT_EQ(run(stop_container(engine(), id, 5s)), Change::already);
  const ContainerDetails stopped = inspect(id);
  EXPECT_EQ(stopped.state, "exited");
  EXPECT_EQ(stopped.pid, 0);
  EXPECT_TRUE(stopped.finished_at);
}

TEST_P(LifeCycle, a_stopped_container_was_told_to_end_and_its_log_keeps_both_streams) {
  const ContainerId id = start_serving();
  EXPECT_EQ(run(stop_container(engine(), id, 5s)), Change::changed);
  EXPECT_EQ(inspect(id).exit_code, 0) << "it was told to end, not killed";
  EXPECT_EQ(run(read_log(engine(), id, {})), (OutputTexts{"ready\nbye\n", "warm\n"}));
  EXPECT_EQ(run(read_log(engine(), id, {.follow = true})), (OutputTexts{"ready\nbye\n", "warm\n"}));
  EXPECT_EQ(run(read_log(engine(), id, {.stdout_stream = false})), (OutputTexts{"", "warm\n"}));
}

TEST_P(LifeCycle, a_wait_armed_before_the_start_sees_even_the_shortest_life) {
  const ContainerId id = create(short_program());
  EXPECT_EQ(run_to_end(id), 42);
  EXPECT_EQ(inspect(id).exit_code, 42);
  EXPECT_EQ(inspect(id).state, "exited");
  EXPECT_EQ(run(read_log(engine(), id, {})), (OutputTexts{"one\n", "two\n"}));
  EXPECT_EQ(run_to_end(id), 42) << "and again";
}

TEST_P(LifeCycle, a_killed_container_exits_with_137_and_cannot_be_killed_again) {
  const ContainerId id = start_serving();
  EXPECT_EQ(run(kill_and_wait(engine(), id)), 137);
  EXPECT_EQ(expect_error([&] { run(kill_container(engine(), id)); }).kind(), conflict());
  EXPECT_EQ(inspect(id).exit_code, 137);
}

TEST_P(LifeCycle, a_restarted_container_runs_anew) {
  const ContainerId id = start_serving();
  const ContainerDetails before = inspect(id);
  run(restart_container(engine(), id, {.timeout = 5s}));
  const ContainerDetails after = inspect(id);
  EXPECT_TRUE(after.running);
  EXPECT_GT(after.started_at, before.started_at);
}

TEST_P(LifeCycle, names_are_taken_renamed_and_freed) {
  const ContainerId id = create(short_program());
  const Error taken = expect_error([&] { create(short_program()); });
  EXPECT_EQ(taken.kind(), conflict()) << taken.what();
  EXPECT_NE(taken.engine_text().find(named("c")), std::string::npos) << taken.what();
  run(rename_container(engine(), id, named("old")));
  EXPECT_EQ(inspect(ContainerId(named("old"))).id, id);
  const ContainerId next = create(short_program());
  EXPECT_NE(next, id);
  EXPECT_EQ(run(remove_container(engine(), id)), ContainerRemoval::removed);
  EXPECT_EQ(run(remove_container(engine(), id)), ContainerRemoval::was_absent);
  EXPECT_FALSE(run(find_container(engine(), id)));
  EXPECT_TRUE(run(find_container(engine(), next)));
}

TEST_P(LifeCycle, a_running_container_is_removed_only_by_force) {
  const ContainerId id = start_serving();
  const Error refused = expect_error([&] { run(remove_container(engine(), id)); });
  EXPECT_FALSE(refused.engine_text().empty()) << refused.what();
  EXPECT_EQ(run(remove_container(engine(), id, {.force = true})), ContainerRemoval::removed);
  EXPECT_FALSE(run(find_container(engine(), id)));
}

TEST_P(LifeCycle, lists_hold_what_matches) {
  const ContainerId created = create(short_program(), "created");
  const ContainerId running = start_serving("running");
  EXPECT_EQ(run(list_containers(engine(), {label()})).size(), 2U);
  EXPECT_TRUE(run(list_containers(engine(), {label(), "other=1"})).empty());
  const auto list = run(query_containers(engine(), {.filters = {{"label", {label()}}}, .all = false}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].id, running);
  EXPECT_EQ(list[0].name, named("running"));
  EXPECT_EQ(list[0].image, image().id);
  EXPECT_EQ(list[0].state, "running");
  EXPECT_EQ(list[0].labels.at("halcyon.life-cycle"), labels().at("halcyon.life-cycle"));
  const Filters waiting{{"label", {label()}}, {"status", {"created"}}};
  const auto fresh = run(query_containers(engine(), {.filters = waiting}));
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_EQ(fresh[0].id, created);
}

TEST_P(LifeCycle, files_go_in_are_looked_at_and_come_out) {
  const ContainerId id = create(short_program());
  const std::string content(100'000, 'c');
  run(put_archive(engine(), id, "/",
                  make_tar_source({{.name = "data/a b.txt", .content = content, .mode = 0640}})));
  const auto stat = run(find_path(engine(), id, "/data/a b.txt"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "a b.txt");
  EXPECT_EQ(stat->size_bytes, content.size());
  EXPECT_EQ(stat->permissions(), 0640U);
  EXPECT_FALSE(stat->is_directory());
  EXPECT_TRUE(run(find_path(engine(), id, "/data"))->is_directory());
  EXPECT_FALSE(run(find_path(engine(), id, "/absent")));
  EXPECT_FALSE(run(find_path(engine(), ContainerId(named("absent")), "/data")));
  const std::string archive = run(read_archive(engine(), id, "/data/a b.txt"));
  EXPECT_EQ(archive.find("a b.txt"), 0U);
  EXPECT_NE(archive.find(content), std::string::npos);
  EXPECT_EQ(expect_error([&] { run(read_archive(engine(), id, "/absent")); }).kind(), ErrorKind::not_found);
  EXPECT_EQ(expect_error([&] {
              run(put_archive(engine(), id, "/absent", make_tar_source({{.name = "x", .content = "x"}})));
            }).kind(),
            ErrorKind::not_found);
}

TEST_P(LifeCycle, one_sample_of_what_it_uses_comes_at_once) {
  const ContainerId id = start_serving();
  const StatsSample sample = run(read_stats(engine(), id));
  EXPECT_EQ(sample.id, id);
  EXPECT_EQ(sample.name, named("c"));
  EXPECT_TRUE(sample.read_at);
  EXPECT_GT(sample.memory.usage_bytes, 0U);
  EXPECT_GE(sample.pids.value_or(0), 1U);
  EXPECT_EQ(sample.cpu_percent(), std::nullopt) << "it was read once";
}

}  // namespace
}  // namespace halcyon::docker_api
