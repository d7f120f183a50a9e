#include "docker_api/swarm.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/nodes.hpp"
#include "docker_api/services.hpp"
#include "docker_api/tasks.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;
using test_support::answer;
using Lines = std::vector<std::string>;
using StringMap = std::map<std::string, std::string>;

class SwarmTest : public EngineFixture {
 protected:
  json sent() const { return json::parse(server_->requests().back().body); }
};

constexpr const char* k_no_manager =
    R"({"message":"This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\"."})";

TEST_F(SwarmTest, init_sends_what_was_chosen_and_returns_the_node) {
  serve_bytes(answer(200, "\"n1\"\n"));
  EXPECT_EQ(run(init_swarm(*engine_, {})), NodeId("n1"));
  EXPECT_EQ(call_seen().target, "/v1.41/swarm/init");
  EXPECT_EQ(sent(), json::parse(R"({"ListenAddr":"0.0.0.0:2377","ForceNewCluster":false,"Spec":{}})"));
  serve_bytes(answer(200, "\"n1\""));
  run(init_swarm(*engine_, {.advertise_address = "10.0.0.1",
                            .data_path_port = 7777,
                            .address_pools = {"10.9.0.0/16"},
                            .subnet_size = 24,
                            .lock_managers = true,
                            .spec_json = R"({"Raft":{"SnapshotInterval":5}})"}));
  EXPECT_EQ(sent(),
            json::parse(R"({"ListenAddr":"0.0.0.0:2377","ForceNewCluster":false,"AdvertiseAddr":"10.0.0.1",
    "AutoLockManagers":true,"DataPathPort":7777,"DefaultAddrPool":["10.9.0.0/16"],"SubnetSize":24,
    "Spec":{"Raft":{"SnapshotInterval":5},"EncryptionConfig":{"AutoLockManagers":true}}})"));
  serve_bytes(answer(200, "\"\""));
  expect_error([&] { run(init_swarm(*engine_, {})); }, ErrorKind::protocol, "named no id");
  serve_bytes(answer(503, R"({"message":"This node is already part of a swarm."})"));
  expect_error([&] { run(init_swarm(*engine_, {})); }, ErrorKind::refused, "already part of a swarm");
}

TEST_F(SwarmTest, join_leave_and_unlock_send_what_they_should) {
  serve_bytes(answer(200, ""));
  run(join_swarm(*engine_, {.managers = {"10.0.0.1:2377"}, .token = Secret("t"), .availability = "drain"}));
  EXPECT_EQ(sent(),
            json::parse(R"({"ListenAddr":"0.0.0.0:2377","RemoteAddrs":["10.0.0.1:2377"],"JoinToken":"t",
    "Availability":"drain"})"));
  run(leave_swarm(*engine_));
  run(leave_swarm(*engine_, true));
  run(unlock_swarm(*engine_, Secret("SWMKEY")));
  EXPECT_EQ(sent(), json::parse(R"({"UnlockKey":"SWMKEY"})"));
  EXPECT_EQ(seen(), (Lines{"GET /_ping", "POST /v1.41/swarm/join", "POST /v1.41/swarm/leave",
                           "POST /v1.41/swarm/leave?force=1", "POST /v1.41/swarm/unlock"}));
  expect_error([&] { run(join_swarm(*engine_, {.token = Secret("t")})); }, ErrorKind::invalid_argument,
               "a manager");
}

constexpr const char* k_swarm =
    R"({"ID":"s1","Version":{"Index":18446744073709551615},"CreatedAt":"2026-11-20T10:00:00Z",
  "UpdatedAt":"2026-11-20T10:00:01Z","Spec":{"Name":"default","Labels":{"a":"b"},"Raft":{"SnapshotInterval":10000}},
  "JoinTokens":{"Worker":"w","Manager":"m"},"RootRotationInProgress":true,"DefaultAddrPool":["10.0.0.0/8"],
  "SubnetSize":24,"DataPathPort":4789,"TLSInfo":{"TrustRoot":"x"}})";

TEST_F(SwarmTest, the_swarm_is_read_with_its_raw_text) {
  serve_bytes(answer(200, k_swarm));
  const SwarmDetails swarm = run(inspect_swarm(*engine_));
  EXPECT_EQ(swarm.id, "s1");
  EXPECT_EQ(swarm.object.name, "default");
  EXPECT_EQ(swarm.object.version, UINT64_MAX);
  EXPECT_EQ(swarm.object.labels, (StringMap{{"a", "b"}}));
  EXPECT_TRUE(swarm.object.created_at);
  EXPECT_LT(swarm.object.created_at, swarm.object.updated_at);
  EXPECT_EQ(swarm.worker_token.reveal(), "w");
  EXPECT_EQ(swarm.manager_token.reveal(), "m");
  EXPECT_EQ(swarm.object.raw_json.find("JoinTokens"), std::string::npos);
  EXPECT_TRUE(swarm.root_rotation_in_progress);
  EXPECT_EQ(swarm.subnet_size, 24U);
  EXPECT_EQ(swarm.data_path_port, 4789U);
  EXPECT_EQ(json::parse(swarm.object.spec_json)["Raft"]["SnapshotInterval"], 10000);
  EXPECT_EQ(json::parse(swarm.object.raw_json)["TLSInfo"]["TrustRoot"], "x");
}

TEST_F(SwarmTest, an_engine_without_a_swarm_has_none_to_find_and_an_error_to_inspect) {
  serve_bytes(answer(503, k_no_manager));
  EXPECT_FALSE(run(find_swarm(*engine_)));
  expect_error([&] { run(inspect_swarm(*engine_)); }, ErrorKind::refused, "not a swarm manager");
  EXPECT_EQ(expect_error([&] { run(list_nodes(*engine_)); }).http_status(), 503);
  serve_bytes(answer(500, "no"));
  EXPECT_EQ(expect_error([&] { run(find_swarm(*engine_)); }).http_status(), 500);
  serve_bytes(
      answer(503, R"({"message":"Swarm is encrypted and needs to be unlocked before it can be used."})"));
  expect_error([&] { run(find_swarm(*engine_)); }, ErrorKind::refused, "needs to be unlocked");
}

TEST_F(SwarmTest, an_update_sends_the_version_and_what_to_rotate) {
  serve_bytes(answer(200, ""));
  run(update_swarm(*engine_, 11, R"({"Name":"default"})",
                   {.rotate_worker_token = true, .rotate_manager_token = true, .rotate_unlock_key = true}));
  EXPECT_EQ(
      call_seen().target,
      "/v1.41/swarm/update?version=11&rotateWorkerToken=1&rotateManagerToken=1&rotateManagerUnlockKey=1");
  EXPECT_EQ(sent(), json::parse(R"({"Name":"default"})"));
  for (const char* spec : {"", "[]", "{", "7"}) {
    expect_error([&] { run(update_swarm(*engine_, 11, spec)); }, ErrorKind::invalid_argument,
                 "no JSON object");
  }
}

TEST_F(SwarmTest, the_unlock_key_may_be_missing) {
  serve_bytes(answer(200, R"({"UnlockKey":"SWMKEY-1"})"));
  EXPECT_EQ(run(inspect_unlock_key(*engine_)).reveal(), "SWMKEY-1");
  EXPECT_EQ(call_seen().target, "/v1.41/swarm/unlockkey");
  serve_bytes(answer(200, R"({"UnlockKey":null})"));
  EXPECT_EQ(run(inspect_unlock_key(*engine_)).reveal(), "");
}

constexpr const char* k_node =
    R"({"ID":"n1","Version":{"Index":9},"Spec":{"Labels":{"zone":"a"},"Role":"manager",
  "Availability":"active","Unknown":7},"Description":{"Hostname":"host","Platform":{"Architecture":"x86_64","OS":"linux"},
  "Resources":{"NanoCPUs":2000000000,"MemoryBytes":8000000000},"Engine":{"EngineVersion":"20.10.24"}},
  "Status":{"State":"ready","Addr":"10.0.0.1"},"ManagerStatus":{"Leader":true,"Reachability":"reachable","Addr":"10.0.0.1:2377"}})";

TEST_F(SwarmTest, nodes_are_read) {
  serve_bytes(answer(200, "[" + std::string(k_node) + R"(,{"ID":"n2","ManagerStatus":null,"Status":null}])"));
  const auto nodes = run(list_nodes(*engine_, {{"role", {"manager"}}}));
  EXPECT_EQ(call_seen().target, "/v1.41/nodes?filters=%7B%22role%22%3A%5B%22manager%22%5D%7D");
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].id, NodeId("n1"));
  EXPECT_EQ(nodes[0].role, "manager");
  EXPECT_EQ(nodes[0].state, "ready");
  EXPECT_EQ(nodes[0].hostname, "host");
  EXPECT_EQ(nodes[0].memory_bytes, 8'000'000'000U);
  EXPECT_TRUE(nodes[0].is_leader);
  EXPECT_EQ(nodes[0].reachability, "reachable");
  EXPECT_FALSE(nodes[1].is_leader);
}

TEST_F(SwarmTest, a_nodes_update_keeps_what_it_does_not_change) {
  serve_bytes(answer(200, k_node));
  const NodeDetails node = run(inspect_node(*engine_, NodeId("self")));
  serve_bytes(answer(200, ""));
  run(update_node(*engine_, node, {.availability = "drain"}));
  EXPECT_EQ(call_seen().target, "/v1.41/nodes/n1/update?version=9");
  EXPECT_EQ(sent(),
            json::parse(R"({"Labels":{"zone":"a"},"Role":"manager","Availability":"drain","Unknown":7})"));
  serve_bytes(answer(404, R"({"message":"node x not found"})"));
  EXPECT_FALSE(run(find_node(*engine_, NodeId("x"))));
  EXPECT_FALSE(run(remove_node(*engine_, NodeId("x"), true)));
  EXPECT_EQ(seen().back(), "DELETE /v1.41/nodes/x?force=1");
}

constexpr const char* k_service = R"({"ID":"s1","Version":{"Index":3},"Spec":{"Name":"web","Labels":{},
  "TaskTemplate":{"ContainerSpec":{"Image":"redis:7"}},"Mode":{"Replicated":{"Replicas":4}}},
  "UpdateStatus":{"State":"completed","Message":"update completed"},"ServiceStatus":{"RunningTasks":3,"DesiredTasks":4}})";

TEST_F(SwarmTest, services_are_read) {
  serve_bytes(
      answer(200, "[" + std::string(k_service) + R"(,{"ID":"s2","Spec":{"Mode":{"Global":{}}}},{}])"));
  const auto services = run(list_services(*engine_, {.status = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/services?status=1");
  ASSERT_EQ(services.size(), 3U);
  EXPECT_EQ(services[0].object.name, "web");
  EXPECT_EQ(services[0].image, "redis:7");
  EXPECT_EQ(services[0].mode, "Replicated");
  EXPECT_EQ(services[0].replicas, 4U);
  EXPECT_EQ(services[0].running_tasks, 3U);
  EXPECT_EQ(services[0].update_state, "completed");
  EXPECT_EQ(services[1].mode, "Global");
  EXPECT_EQ(services[1].replicas, std::nullopt);
  EXPECT_EQ(services[2].mode, "");
}

TEST_F(SwarmTest, a_service_is_created_from_basics_and_more) {
  serve_bytes(answer(201, R"({"ID":"s1","Warning":"unable to pin image"})"));
  const CreatedService created = run(create_service(*engine_,
                                                    {.name = "web",
                                                     .image = "redis:7",
                                                     .arguments = {"--x"},
                                                     .environment = {{"A", "b"}},
                                                     .labels = {{"l", "1"}},
                                                     .replicas = 2,
                                                     .networks = {"shop"},
                                                     .more_json = R"({"TaskTemplate":{"ForceUpdate":1}})"},
                                                    RegistryCredentials{.username = "u"}));
  EXPECT_EQ(created.id, ServiceId("s1"));
  EXPECT_EQ(created.warnings, (Lines{"unable to pin image"}));
  EXPECT_FALSE(call_seen().header("X-Registry-Auth").empty());
  EXPECT_EQ(sent(), json::parse(R"({"Name":"web","Labels":{"l":"1"},"Mode":{"Replicated":{"Replicas":2}},
    "TaskTemplate":{"ContainerSpec":{"Image":"redis:7","Args":["--x"],"Env":["A=b"]},"Networks":[{"Target":"shop"}],
                    "ForceUpdate":1}})"));
  expect_error([&] { run(create_service(*engine_, {.name = "x"})); }, ErrorKind::invalid_argument, "image");
}

TEST_F(SwarmTest, a_service_is_updated_by_version_and_rolled_back) {
  serve_bytes(answer(200, R"({"Warnings":null})"));
  EXPECT_TRUE(run(update_service(*engine_, ServiceId("s1"), 3, R"({"Name":"web"})",
                                 {.credentials_from = "previous-spec", .roll_back = true}))
                  .empty());
  EXPECT_EQ(call_seen().target,
            "/v1.41/services/s1/update?version=3&registryAuthFrom=previous-spec&rollback=previous");
  serve_bytes(answer(500, R"({"message":"rpc error: update out of sequence"})"));
  expect_error([&] { run(update_service(*engine_, ServiceId("s1"), 3, "{}")); }, ErrorKind::refused,
               "out of sequence");
  serve_bytes(answer(404, R"({"message":"service x not found"})"));
  EXPECT_FALSE(run(find_service(*engine_, ServiceId("x"))));
  EXPECT_FALSE(run(remove_service(*engine_, ServiceId("x"))));
}

TEST_F(SwarmTest, tasks_are_read) {
  serve_bytes(
      answer(200, R"([{"ID":"t1","Version":{"Index":5},"Name":"web.1","Labels":{"a":"b"},"ServiceID":"s1",
    "NodeID":"n1","Slot":1,"Spec":{"ContainerSpec":{"Image":"redis:7"}},"DesiredState":"shutdown",
    "Status":{"Timestamp":"2026-11-20T10:00:00Z","State":"failed","Message":"started","Err":"task: non-zero exit: 1",
              "ContainerStatus":{
    "ContainerID" : "c1", "PID" : 0, "ExitCode" : 1}
}
},
    {"ID":"t2","Status":{"State":"pending","ContainerStatus":null}}])"));
  const auto tasks = run(list_tasks(*engine_, {{"service", {"web"}}}));
  EXPECT_EQ(call_seen().target, "/v1.41/tasks?filters=%7B%22service%22%3A%5B%22web%22%5D%7D");
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].object.name, "web.1");
  EXPECT_EQ(tasks[0].object.labels, (StringMap{{"a", "b"}}));
  EXPECT_EQ(tasks[0].service, ServiceId("s1"));
  EXPECT_EQ(tasks[0].slot, 1U);
  EXPECT_EQ(tasks[0].state, "failed");
  EXPECT_EQ(tasks[0].container, ContainerId("c1"));
  EXPECT_EQ(tasks[0].exit_code, 1);
  EXPECT_TRUE(tasks[0].state_since);
  EXPECT_EQ(tasks[1].exit_code, std::nullopt);
  serve_bytes(answer(404, R"({"message":"task x not found"})"));
  EXPECT_FALSE(run(find_task(*engine_, TaskId("x"))));
}

}  // namespace
}  // namespace halcyon::docker_api
