// Networks, volumes, absent objects and prune of the life-cycle suite: life_cycle_suite.hpp.
#include "docker_api/container_archive.hpp"
#include "docker_api/container_control.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/network_endpoints.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/prune.hpp"
#include "docker_api/volumes.hpp"
#include "tests/docker_api/error_checks.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;

TEST_P(LifeCycle, a_network_gives_a_container_its_fixed_address) {
  const std::string name = named("n");
  const NetworkId network = run(create_network(
      engine(), {.name = name, .subnet = "10.213.78.0/24", .gateway = "10.213.78.1", .labels = labels()}));
  const auto found = run(find_network(engine(), name));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, network);
  EXPECT_EQ(found->driver, "bridge");
  EXPECT_EQ(found->subnets, (std::vector<std::string>{"10.213.78.0/24"}));
  EXPECT_EQ(found->gateways, (std::vector<std::string>{"10.213.78.1"}));
  EXPECT_EQ(found->labels, labels());
  EXPECT_EQ(expect_error([&] { run(create_network(engine(), {.name = name, .labels = labels()})); }).kind(),
            conflict());

  ContainerSpec wanted = spec(serve_program());
  wanted.network = NetworkAttachment{.network = name, .ipv4 = "10.213.78.16", .aliases = {"web"}};
  const ContainerId id = create(wanted);
  EXPECT_EQ(inspect(id).fixed_addresses[name], can().tells_fixed_address ? "10.213.78.16" : "");
  run(start_container(engine(), id));
  EXPECT_EQ(inspect(id).addresses.at(name), "10.213.78.16");
  EXPECT_EQ(run(inspect_network(engine(), name)).container_addresses,
            (std::map<std::string, std::string>{{id.value, "10.213.78.16"}}));
  const Error used = expect_error([&] { run(remove_network(engine(), name)); });
  EXPECT_FALSE(used.engine_text().empty()) << used.what();

  run(disconnect_container(engine(), name, id));
  EXPECT_FALSE(inspect(id).addresses.contains(name));
  run(connect_container(engine(), {.network = name, .ipv4 = "10.213.78.9"}, id));
  EXPECT_EQ(inspect(id).addresses.at(name), "10.213.78.9");
  EXPECT_EQ(run(inspect_network(engine(), name)).container_addresses.at(id.value), "10.213.78.9");
  run(remove_container(engine(), id, {.force = true}));
  EXPECT_TRUE(run(remove_network(engine(), name)));
  EXPECT_FALSE(run(remove_network(engine(), name)));
  EXPECT_FALSE(run(find_network(engine(), name)));
}

TEST_P(LifeCycle, networks_that_overlap_are_refused_in_the_engines_words) {
  run(create_network(engine(), {.name = named("n"), .subnet = "10.213.78.0/24", .labels = labels()}));
  const Error error = expect_error([&] {
    run(create_network(engine(), {.name = named("m"), .subnet = "10.213.78.0/25", .labels = labels()}));
  });
  EXPECT_FALSE(error.engine_text().empty()) << error.what();
  EXPECT_EQ(run(list_networks(engine(), {label()})).size(), 1U);
}

TEST_P(LifeCycle, a_volume_is_made_once_used_and_removed_once) {
  const VolumeName name(named("v"));
  const VolumeDetails first = run(create_volume(engine(), name, labels()));
  EXPECT_EQ(first.name, name);
  EXPECT_EQ(first.driver, "local");
  EXPECT_EQ(run(create_volume(engine(), name, labels())).mountpoint, first.mountpoint);
  EXPECT_EQ(run(find_volume(engine(), name))->labels, labels());
  EXPECT_EQ(run(list_volumes(engine(), {label()})).size(), 1U);

  ContainerSpec wanted = spec(short_program());
  wanted.mounts = {{.source = name.value, .target = "/data"}};
  const ContainerId id = create(wanted);
  EXPECT_EQ(expect_error([&] { run(remove_volume(engine(), name)); }).kind(), ErrorKind::conflict);
  run(remove_container(engine(), id));
  EXPECT_TRUE(run(remove_volume(engine(), name)));
  EXPECT_FALSE(run(remove_volume(engine(), name)));
  EXPECT_FALSE(run(find_volume(engine(), name)));
}

TEST_P(LifeCycle, what_is_not_there_is_not_found) {
  const ContainerId absent(named("absent"));
  const auto expect_not_found = [this](auto&& call) {
    const Error error = expect_error([&] { run(call()); });
    EXPECT_EQ(error.kind(), ErrorKind::not_found) << error.what();
    EXPECT_NE(error.engine_text().find("absent"), std::string::npos) << error.what();
  };
  expect_not_found([&] { return inspect_container(engine(), absent); });
  expect_not_found([&] { return start_container(engine(), absent); });
  expect_not_found([&] { return stop_container(engine(), absent, 1s); });
  expect_not_found([&] { return restart_container(engine(), absent); });
  expect_not_found([&] { return kill_container(engine(), absent); });
  expect_not_found([&] { return rename_container(engine(), absent, named("other")); });
  if (can().tells_name_in_404_of_wait) {
    expect_not_found([&] { return arm_wait(engine(), absent, WaitCondition::not_running); });
  }
  expect_not_found([&] { return open_logs(engine(), absent, {.tty = false}); });
  expect_not_found([&] { return open_archive(engine(), absent, "/"); });
  expect_not_found([&] { return create_exec(engine(), absent, {.command = {"true"}}); });
  expect_not_found([&] { return inspect_image(engine(), "localhost/" + absent.value + ":1"); });
  expect_not_found([&] { return inspect_network(engine(), absent.value); });
  expect_not_found([&] { return inspect_volume(engine(), VolumeName(absent.value)); });
  ContainerSpec wanted{.name = named("c"), .image = "localhost/" + absent.value + ":1", .labels = labels()};
  expect_not_found([&] { return create_container(engine(), wanted); });
  const Error exec = expect_error([&] { run(inspect_exec(engine(), ExecId(std::string(64, 'a')))); });
  EXPECT_EQ(exec.kind(), ErrorKind::not_found) << exec.what();
}

TEST_P(LifeCycle, what_nobody_uses_is_pruned_by_its_label) {
  const Filters ours{{"label", {label()}}};
  const ContainerId ended = create(short_program(), "ended");
  run_to_end(ended);
  const ContainerId serving = start_serving("serving");
  EXPECT_EQ(run(prune_containers(engine(), ours)).removed, (std::vector<std::string>{ended.value}));
  EXPECT_TRUE(run(find_container(engine(), serving)));

  run(create_network(engine(), {.name = named("n"), .subnet = "10.213.78.0/24", .labels = labels()}));
  EXPECT_EQ(run(prune_networks(engine(), ours)).removed, (std::vector<std::string>{named("n")}));

  run(create_volume(engine(), VolumeName(named("v")), labels()));
  EXPECT_EQ(run(prune_volumes(engine(), {.filters = ours, .named_too = true})).removed,
            (std::vector<std::string>{named("v")}));
}

}  // namespace
}  // namespace halcyon::docker_api
