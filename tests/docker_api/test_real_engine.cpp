// Containers, networks and volumes, against a real engine: see real_engine_fixture.hpp.
#include <array>

#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class RealEngineTest : public RealEngineFixture {
 protected:
  NetworkId make_network(const std::string& subnet = "10.213.77.0/24",
                         const std::string& gateway = "10.213.77.1") {
    return run(create_network(
        engine_, {.name = prefix_ + "-n", .subnet = subnet, .gateway = gateway, .labels = labels()}));
  }
  ContainerDetails inspect(const ContainerId& id) { return run(inspect_container(engine_, id)); }
};

/// A shell script that ends at once when told to.
TEST_F(RealEngineTest, a_container_is_created_with_all_that_was_asked_for) {
  const ImageId image = build_busybox();
  make_network();
  run(create_volume(engine_, VolumeName(prefix_ + "-v"), labels()));
  ContainerSpec spec = shell(image, k_serve);
  spec.labels["extra"] = "1";
  spec.environment = {{"GREETING", "hello world"}};
  spec.network = NetworkAttachment{.network = prefix_ + "-n", .ipv4 = "10.213.77.16", .aliases = {"web"}};
  spec.extra_hosts = {{"backend", "10.213.77.1"}};
  spec.mounts = {{.source = prefix_ + "-v", .target = "/data"},
                 {.type = Mount::Type::tmpfs, .target = "/tmp"}};
  spec.memory_bytes = 64 * 1024 * 1024;
  spec.nano_cpus = 500'000'000;
  spec.pids_limit = 50;
  spec.healthcheck =
      Healthcheck{.test = {"CMD", "/bin/busybox", "true"}, .interval = 1s, .timeout = 1s, .retries = 1};
  spec.restart_policy = RestartPolicy::unless_stopped;
  spec.stop_timeout = 5s;
  spec.read_only_root = true;
  spec.cap_drop = {"ALL"};
  spec.security_options = {"no-new-privileges:true"};
  spec.log_driver = "json-file";
  spec.log_options = {{"max-size", "1m"}};
  const ContainerId id = run(create_container(engine_, spec)).id;

  const ContainerDetails created = inspect(id);
  EXPECT_EQ(created.name, spec.name);
  EXPECT_EQ(created.image, image);
  EXPECT_EQ(created.state, "created");
  EXPECT_EQ(created.started_at, std::nullopt);
  EXPECT_EQ(created.fixed_addresses.at(prefix_ + "-n"), "10.213.77.16");
  EXPECT_EQ(created.labels.at("extra"), "1");

  EXPECT_EQ(run(start_container(engine_, id)), Change::changed);
  EXPECT_EQ(run(start_container(engine_, id)), Change::already);
  const ContainerDetails running = inspect(id);
  EXPECT_TRUE(running.running);
  EXPECT_GT(running.pid, 0);
  EXPECT_EQ(running.addresses.at(prefix_ + "-n"), "10.213.77.16");
  EXPECT_NE(running.health, HealthStatus::none);
  EXPECT_TRUE(running.started_at);

  const auto network = run(find_network(engine_, prefix_ + "-n"));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->container_addresses.at(id.value), "10.213.77.16");
  EXPECT_EQ(network->subnets, (std::vector<std::string>{"10.213.77.0/24"}));
  EXPECT_EQ(expect_error([&] { run(remove_network(engine_, prefix_ + "-n")); }).kind(), ErrorKind::refused);
  EXPECT_EQ(expect_error([&] { run(remove_volume(engine_, VolumeName(prefix_ + "-v"))); }).kind(),
            ErrorKind::conflict);

  EXPECT_EQ(run(stop_container(engine_, id, 5s)), Change::changed);
  EXPECT_EQ(run(stop_container(engine_, id, 5s)), Change::already);
  EXPECT_EQ(inspect(id).exit_code, 0) << "it was told to end, not killed";
}

TEST_F(RealEngineTest, lists_hold_what_carries_the_label) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, "true"))).id;
  const auto list = run(list_containers(engine_, {label_}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].id, id);
  EXPECT_EQ(list[0].name, prefix_ + "-c");
  EXPECT_EQ(list[0].image, image);
  EXPECT_EQ(list[0].state, "created");
  EXPECT_TRUE(run(list_containers(engine_, {label_, "other=1"})).empty());
}

TEST_F(RealEngineTest, names_are_taken_renamed_and_removed) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, "true"))).id;
  const Error taken = expect_error([&] { run(create_container(engine_, shell(image, "true"))); });
  EXPECT_EQ(taken.kind(), ErrorKind::conflict);
  run(rename_container(engine_, id, prefix_ + "-old"));
  EXPECT_EQ(inspect(ContainerId(prefix_ + "-old")).id, id);
  run(update_restart_policy(engine_, id, RestartPolicy::no));
  EXPECT_EQ(run(remove_container(engine_, id)), ContainerRemoval::removed);
  EXPECT_EQ(run(remove_container(engine_, id)), ContainerRemoval::was_absent);
  EXPECT_FALSE(run(find_container(engine_, id)));
}

asio::awaitable<std::int64_t> run_to_end(Engine& engine, ContainerId id) {
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::next_exit);
  co_await start_container(engine, id);
  co_return co_await wait.result();
}

TEST_F(RealEngineTest, a_wait_armed_before_the_start_sees_even_the_shortest_life) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, "exit 42"))).id;
  EXPECT_EQ(run(run_to_end(engine_, id)), 42);
  EXPECT_EQ(inspect(id).state, "exited");
  EXPECT_EQ(inspect(id).exit_code, 42);
}

asio::awaitable<std::int64_t> kill_and_wait_for_code(Engine& engine, ContainerId id) {
  ArmedWait wait = co_await arm_wait(engine, id, WaitCondition::not_running);
  co_await kill_container(engine, id, "SIGKILL");
  co_return co_await wait.result();
}

TEST_F(RealEngineTest, a_killed_container_exits_with_137_and_cannot_be_killed_again) {
  const ImageId image = build_busybox();
  const ContainerId id = run(create_container(engine_, shell(image, k_serve))).id;
  run(start_container(engine_, id));
  EXPECT_EQ(run(kill_and_wait_for_code(engine_, id)), 137);
  EXPECT_EQ(expect_error([&] { run(kill_container(engine_, id)); }).kind(), ErrorKind::conflict);
}

TEST_F(RealEngineTest, a_container_that_cannot_start_says_why) {
  const ImageId image = build_busybox();
  ContainerSpec spec = shell(image, "");
  spec.command = {"/absent"};
  const ContainerId id = run(create_container(engine_, spec)).id;
  const Error error = expect_error([&] { run(start_container(engine_, id)); });
  EXPECT_NE(error.engine_text().find("/absent"), std::string::npos) << error.what();
  EXPECT_FALSE(inspect(id).running);
}

struct Logs {
  std::string out;
  std::string err;
  LogDemultiplexer::Sink sink() {
    return [this](LogStream stream, std::string_view bytes) {
      (stream == LogStream::stderr_stream ? err : out) += bytes;
    };
  }
};

TEST_F(RealEngineTest, logs_keep_stdout_and_stderr_apart) {
  const ImageId image = build_busybox();
  const ContainerId id =
      run(create_container(engine_, shell(image, "echo one; echo two >&2; echo three"))).id;
  run(run_to_end(engine_, id));
  Logs logs;
  run(read_logs(engine_, id, {}, logs.sink()));
  EXPECT_EQ(logs.out, "one\nthree\n");
  EXPECT_EQ(logs.err, "two\n");
  Logs last;
  run(read_logs(engine_, id, {.tail = 1}, last.sink()));
  // Which line is the last is a race inside the engine: it copies stdout and stderr apart.
  const std::string line = last.out + last.err;
  EXPECT_TRUE(line == "three\n" || line == "two\n") << line;
}

TEST_F(RealEngineTest, followed_logs_end_when_the_container_ends) {
  const ImageId image = build_busybox();
  const ContainerId id =
      run(create_container(
              engine_,
              shell(image, "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 1 & wait $!; done")))
          .id;
  run(start_container(engine_, id));
  Logs logs;
  bool stopping = false;
  const auto sink = logs.sink();
  const auto stop_when_ready = [&](LogStream stream, std::string_view bytes) {
    sink(stream, bytes);
    if (stopping || logs.out.find("ready\n") == std::string::npos) return;
    stopping = true;
    asio::co_spawn(io_, kill_container(engine_, id, "SIGTERM"),
                   [](std::exception_ptr error) { EXPECT_FALSE(error); });
  };
  run(read_logs(engine_, id, {.follow = true}, stop_when_ready));
  EXPECT_EQ(logs.out, "ready\nbye\n");
}

TEST_F(RealEngineTest, networks_that_overlap_or_exist_are_refused) {
  make_network();
  EXPECT_EQ(expect_error([&] { make_network("10.214.0.0/24", "10.214.0.1"); }).kind(), ErrorKind::conflict);
  const auto overlap = [&] {
    run(create_network(engine_, {.name = prefix_ + "-o", .subnet = "10.213.77.0/25", .labels = labels()}));
  };
  EXPECT_EQ(expect_error(overlap).kind(), ErrorKind::refused);
  EXPECT_EQ(run(list_networks(engine_, {label_})).size(), 1U);
  EXPECT_TRUE(run(remove_network(engine_, prefix_ + "-n")));
  EXPECT_FALSE(run(remove_network(engine_, prefix_ + "-n")));
  EXPECT_FALSE(run(find_network(engine_, prefix_ + "-n")));
}

TEST_F(RealEngineTest, an_address_in_use_is_the_engines_error) {
  const ImageId image = build_busybox();
  make_network();
  std::vector<ContainerId> ids;
  for (const char* name : {"-a", "-b"}) {
    ContainerSpec spec = shell(image, k_serve);
    spec.name = prefix_ + name;
    spec.network = NetworkAttachment{.network = prefix_ + "-n", .ipv4 = "10.213.77.20"};
    ids.push_back(run(create_container(engine_, spec)).id);
  }
  run(start_container(engine_, ids[0]));
  const Error error = expect_error([&] { run(start_container(engine_, ids[1])); });
  EXPECT_NE(error.engine_text().find("Address already in use"), std::string::npos) << error.what();
}

TEST_F(RealEngineTest, volumes_are_made_once_and_removed_once) {
  const VolumeName name(prefix_ + "-v");
  const VolumeDetails first = run(create_volume(engine_, name, labels()));
  EXPECT_EQ(run(create_volume(engine_, name, labels())).mountpoint, first.mountpoint);
  EXPECT_EQ(run(list_volumes(engine_, {label_})).size(), 1U);
  EXPECT_EQ(run(find_volume(engine_, name))->labels, labels());
  EXPECT_TRUE(run(remove_volume(engine_, name)));
  EXPECT_FALSE(run(remove_volume(engine_, name)));
  EXPECT_FALSE(run(find_volume(engine_, name)));
}

}  // namespace
}  // namespace halcyon::docker_api
