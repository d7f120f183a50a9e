// A swarm of the lab's two engines: nodes, services, tasks, secrets and configs, against the real thing.
#include <nlohmann/json.hpp>
#include <thread>

#include "docker_api/configs.hpp"
#include "docker_api/network_endpoints.hpp"
#include "docker_api/nodes.hpp"
#include "docker_api/secrets.hpp"
#include "docker_api/services.hpp"
#include "docker_api/swarm.hpp"
#include "docker_api/tasks.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;

/// Asks until it holds: the swarm itself takes its time, and says nothing when it is done.
template <class Holds>
bool becomes(Holds holds) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

/// Each engine has a loopback address of its own, where nobody else listens; two runs at once do not meet.
std::string own_address(int number) {
  return "127." + std::to_string(64 + ::getpid() / 256 % 128) + "." + std::to_string(::getpid() % 256) + "." +
         std::to_string(number);
}

class RealSwarm : public RealEngineFixture {
 protected:
  RealSwarm()
      : other_(io_.get_executor(),
               parse_engine_address(required_variable("LAB_ENGINE_TCP", "tcp://127.0.0.1:2375"))) {}

  void SetUp() override {
    RealEngineFixture::SetUp();
    // The bridge of a swarm has one name for all engines of a machine.
    if (std::filesystem::exists("/sys/class/net/docker_gwbridge")) {
      GTEST_SKIP() << "an engine of this machine is, or was, in a swarm: there is a docker_gwbridge";
    }
    node_ = run(init_swarm(engine_, options()));
    began_ = true;
  }
  void TearDown() override {
    if (began_) {
      leave(other_);
      leave(engine_);
      remove_bridge(other_);
      remove_bridge(engine_);
    }
    RealEngineFixture::TearDown();
  }

  static SwarmInit options() {
    return {.listen_address = own_address(1) + ":2377", .advertise_address = own_address(1)};
  }
  /// An engine that has just locked its manager may still write the key into what it removes, and fails with
  /// "directory not empty"; it has stopped its node by then, and the next call finds nobody writing.
  void leave(Engine& engine) {
    std::string said;
    EXPECT_TRUE(becomes([&] {
      try {
        run(leave_swarm(engine, true));
      } catch (const Error& error) {
        said = error.what();
        return error.http_status() == 503;  // in no swarm
      }
      return true;
    })) << said;
  }
  /// It stays behind, where there is IPVS with an endpoint of no container.
  void remove_bridge(Engine& engine) {
    const auto bridge = run(find_network(engine, "docker_gwbridge"));
    if (bridge && bridge->container_addresses.contains("ingress-sbox")) {
      run(disconnect_container(engine, "docker_gwbridge", ContainerId("gateway_ingress-sbox"), true));
    }
    if (bridge) run(remove_network(engine, "docker_gwbridge"));
  }
  void join(Secret token) {
    run(join_swarm(other_, {.managers = {own_address(1) + ":2377"},
                            .token = std::move(token),
                            .listen_address = own_address(2) + ":2377",
                            .advertise_address = own_address(2)}));
  }
  NodeDetails find_other_node() {
    for (NodeDetails& node : run(list_nodes(engine_))) {
      if (node.id != node_) return node;
    }
    return {};
  }
  std::size_t count_running_tasks(const ServiceId& service) {
    const auto tasks =
        run(list_tasks(engine_, {{"service", {service.value}}, {"desired-state", {"running"}}}));
    return static_cast<std::size_t>(std::count_if(
        tasks.begin(), tasks.end(), [](const TaskDetails& task) { return task.state == "running"; }));
  }

  Engine other_;
  NodeId node_;
  bool began_ = false;
};

TEST_F(RealSwarm, takes_a_worker_changes_it_and_lets_it_go) {
  const SwarmDetails swarm = run(inspect_swarm(engine_));
  EXPECT_FALSE(swarm.id.empty());
  EXPECT_TRUE(swarm.worker_token.reveal().starts_with("SWMTKN-1-"));
  EXPECT_FALSE(swarm.worker_token == swarm.manager_token);
  EXPECT_EQ(expect_error([&] { run(init_swarm(engine_, options())); }).http_status(), 503);
  join(swarm.worker_token);
  ASSERT_TRUE(becomes([&] { return find_other_node().state == "ready"; }));
  const NodeDetails worker = find_other_node();
  EXPECT_EQ(worker.role, "worker");
  EXPECT_FALSE(worker.is_leader);
  EXPECT_TRUE(run(inspect_node(engine_, node_)).is_leader);
  EXPECT_FALSE(run(find_swarm(other_))) << "a worker knows nothing of its swarm";

  run(update_node(engine_, worker,
                  {.availability = "drain", .labels = std::map<std::string, std::string>{{"disk", "ssd"}}}));
  const NodeDetails changed = run(inspect_node(engine_, worker.id));
  EXPECT_EQ(changed.availability, "drain");
  EXPECT_EQ(changed.object.labels.at("disk"), "ssd");
  EXPECT_GT(changed.object.version, worker.object.version);
  const Error late = expect_error([&] { run(update_node(engine_, worker, {.availability = "active"})); });
  EXPECT_NE(late.engine_text().find("out of sequence"), std::string::npos) << late.what();

  run(leave_swarm(other_));
  // It takes the manager's patience until the node is down.
  EXPECT_TRUE(run(remove_node(engine_, worker.id, true)));
  EXPECT_FALSE(run(remove_node(engine_, worker.id)));
  EXPECT_FALSE(run(find_node(engine_, worker.id)));
  run(leave_swarm(engine_, true));
  EXPECT_FALSE(run(find_swarm(engine_)));
  EXPECT_EQ(expect_error([&] { run(list_nodes(engine_)); }).http_status(), 503);
}

TEST_F(RealSwarm, replaces_its_tokens_and_locks_its_managers) {
  const SwarmDetails before = run(inspect_swarm(engine_));
  EXPECT_TRUE(run(inspect_unlock_key(engine_)).empty());
  nlohmann::json spec = nlohmann::json::parse(before.object.spec_json);
  spec["EncryptionConfig"]["AutoLockManagers"] = true;
  run(update_swarm(engine_, before.object.version, spec.dump(), {.rotate_worker_token = true}));
  const SwarmDetails after = run(inspect_swarm(engine_));
  EXPECT_FALSE(after.worker_token == before.worker_token);
  EXPECT_TRUE(after.manager_token == before.manager_token);
  EXPECT_FALSE(run(inspect_unlock_key(engine_)).empty());
  expect_error([&] { run(update_swarm(engine_, before.object.version, spec.dump(), {})); });
}

TEST_F(RealSwarm, runs_as_many_tasks_of_a_service_as_are_asked_for) {
  const std::string image = reference("busybox:1").to_string();
  build_busybox();
  const ServiceSpec spec{
      .name = prefix_ + "-s",
      .image = image,
      .command = {"/bin/sh", "-c"},
      .arguments = {"trap 'exit 0' TERM; echo $GREETING; while :; do sleep 1 & wait $!; done"},
      .environment = {{"GREETING", "hello"}},
      .labels = labels(),
      .replicas = 1,
      .networks = {"host"}};
  const ServiceId id = run(create_service(engine_, spec)).id;
  EXPECT_EQ(expect_error([&] { run(create_service(engine_, spec)); }).kind(), ErrorKind::conflict);
  ASSERT_TRUE(becomes([&] { return count_running_tasks(id) == 1; }));
  const ServiceDetails service = run(inspect_service(engine_, ServiceId(spec.name)));
  EXPECT_EQ(service.id, id);
  EXPECT_EQ(service.mode, "Replicated");
  EXPECT_EQ(service.replicas, 1);
  EXPECT_EQ(service.object.labels.at("halcyon.test"), prefix_);
  EXPECT_EQ(service.image.substr(0, image.size()), image);

  nlohmann::json more = nlohmann::json::parse(service.object.spec_json);
  more["Mode"]["Replicated"]["Replicas"] = 2;
  run(update_service(engine_, id, service.object.version, more.dump()));
  ASSERT_TRUE(becomes([&] { return count_running_tasks(id) == 2; }));
  expect_error([&] { run(update_service(engine_, id, service.object.version, more.dump())); });
  const auto listed = run(list_services(engine_, {.filters = {{"name", {spec.name}}}, .status = true}));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed.front().running_tasks, 2U);
  EXPECT_EQ(listed.front().desired_tasks, 2U);

  const TaskDetails task = run(list_tasks(engine_, {{"service", {id.value}}})).front();
  EXPECT_EQ(run(inspect_task(engine_, task.id)).container, task.container);
  EXPECT_EQ(task.node, node_);
  EXPECT_TRUE(run(inspect_container(engine_, task.container)).running);
  run(update_service(engine_, id, run(inspect_service(engine_, id)).object.version, more.dump(),
                     {.roll_back = true}));
  EXPECT_TRUE(becomes([&] { return run(inspect_service(engine_, id)).replicas == 1; }));
  EXPECT_TRUE(run(remove_service(engine_, id)));
  EXPECT_FALSE(run(remove_service(engine_, id)));
  EXPECT_FALSE(run(find_service(engine_, id)));
  EXPECT_TRUE(becomes(
      [&] { return run(list_containers(engine_, {"com.docker.swarm.service.id=" + id.value})).empty(); }));
  EXPECT_FALSE(run(find_task(engine_, task.id)));
}

TEST_F(RealSwarm, keeps_secrets_to_itself_and_shows_configs) {
  const SecretId secret =
      run(create_secret(engine_, {.name = "password", .data = Secret("hunter2\n"), .labels = {{"a", "1"}}}));
  const ConfigId config = run(
      create_config(engine_, {.name = "motd", .data = std::string("be\0glad", 7), .labels = {{"a", "1"}}}));
  EXPECT_EQ(
      expect_error([&] { run(create_secret(engine_, {.name = "password", .data = Secret("x")})); }).kind(),
      ErrorKind::conflict);
  const SecretDetails made = run(inspect_secret(engine_, SecretId("password")));
  EXPECT_EQ(made.id, secret);
  EXPECT_EQ(made.object.raw_json.find("aHVudGVyMgo"), std::string::npos);
  run(relabel_secret(engine_, made, {{"b", "2"}}));
  const auto secrets = run(list_secrets(engine_, {{"name", {"password"}}}));
  ASSERT_EQ(secrets.size(), 1U);
  EXPECT_EQ(secrets.front().object.labels, (std::map<std::string, std::string>{{"b", "2"}}));
  expect_error([&] { run(relabel_secret(engine_, made, {{"c", "3"}})); });

  const ConfigDetails shown = run(inspect_config(engine_, config));
  EXPECT_EQ(shown.data, std::string("be\0glad", 7));
  run(relabel_config(engine_, shown, {{"b", "2"}}));
  const auto configs = run(list_configs(engine_, {{"label", {"b=2"}}}));
  ASSERT_EQ(configs.size(), 1U);
  EXPECT_EQ(configs.front().object.name, "motd");
  EXPECT_TRUE(run(remove_secret(engine_, secret)));
  EXPECT_FALSE(run(remove_secret(engine_, secret)));
  EXPECT_TRUE(run(remove_config(engine_, config)));
  EXPECT_FALSE(run(find_config(engine_, config)));
}

}  // namespace
}  // namespace halcyon::docker_api
