#include "docker_api/networks.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/network_endpoints.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;
using test_support::answer;
using StringMap = std::map<std::string, std::string>;

class NetworksTest : public EngineFixture {};

TEST_F(NetworksTest, create_sends_the_subnet) {
  serve_bytes(answer(201, R"({"Id":"abc","Warning":""})"));
  const NetworkId id =
      run(create_network(*engine_, {.name = "shop",
                                    .subnet = "10.201.7.0/24",
                                    .gateway = "10.201.7.1",
                                    .ip_range = "10.201.7.128/25",
                                    .labels = {{"a", "b"}},
                                    .options = {{"com.docker.network.bridge.name", "br-shop"}}}));
  EXPECT_EQ(id, NetworkId("abc"));
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({
    "Name": "shop", "Driver": "bridge", "CheckDuplicate": true, "Labels": {"a": "b"},
    "Options": {"com.docker.network.bridge.name": "br-shop"},
    "IPAM": {"Driver": "default",
             "Config": [{"Subnet": "10.201.7.0/24", "Gateway": "10.201.7.1", "IPRange": "10.201.7.128/25"}]}})"));
}

TEST_F(NetworksTest, without_a_subnet_the_engine_chooses) {
  serve_bytes(answer(201, R"({"Id":"abc"})"));
  run(create_network(*engine_, {.name = "shop"}));
  EXPECT_FALSE(json::parse(call_seen().body).contains("IPAM"));
}

TEST_F(NetworksTest, a_taken_name_is_a_conflict_and_an_overlapping_subnet_is_refused) {
  serve_bytes(answer(409, R"({"message":"network with name shop already exists"})"));
  EXPECT_EQ(expect_error([&] { run(create_network(*engine_, {.name = "shop"})); }).kind(),
            ErrorKind::conflict);
  serve_bytes(answer(403, R"({"message":"Pool overlaps with other one on this address space"})"));
  expect_error([&] { run(create_network(*engine_, {.name = "shop"})); }, ErrorKind::refused, "Pool overlaps");
}

TEST_F(NetworksTest, details_are_read) {
  serve_bytes(
      answer(200, R"({"Name":"shop","Id":"abc","Driver":"bridge","Options":{"o":"1"},"Labels":{"a":"b"},
    "IPAM":{"Driver":"default","Options":null,"Config":[{"Subnet":"10.201.7.0/24","Gateway":"10.201.7.1"}]},
    "Containers":{"c1":{"Name":"web","IPv4Address":"10.201.7.16/24","IPv6Address":""}}})"));
  const auto network = run(find_network(*engine_, "shop"));
  ASSERT_TRUE(network);
  EXPECT_EQ(network->id, NetworkId("abc"));
  EXPECT_EQ(network->name, "shop");
  EXPECT_EQ(network->driver, "bridge");
  EXPECT_EQ(network->subnets, (std::vector<std::string>{"10.201.7.0/24"}));
  EXPECT_EQ(network->gateways, (std::vector<std::string>{"10.201.7.1"}));
  EXPECT_EQ(network->labels, (StringMap{{"a", "b"}}));
  EXPECT_EQ(network->options, (StringMap{{"o", "1"}}));
  EXPECT_EQ(network->container_addresses, (StringMap{{"c1", "10.201.7.16"}}));
}

TEST_F(NetworksTest, networks_without_range_or_containers_are_read) {
  serve_bytes(
      answer(200, R"([{"Name":"none","Id":"n","Driver":"null","IPAM":{"Config":null},"Containers":null,
    "Labels":null,"Options":null},{"Name":"host","Id":"h","IPAM":null}])"));
  const auto networks = run(list_networks(*engine_));
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_TRUE(networks[0].subnets.empty());
  EXPECT_TRUE(networks[0].container_addresses.empty());
}

TEST_F(NetworksTest, an_absent_network_is_nothing) {
  serve_bytes(answer(404, R"({"message":"network x not found"})"));
  EXPECT_FALSE(run(find_network(*engine_, "x")));
  EXPECT_FALSE(run(remove_network(*engine_, "x")));
}

TEST_F(NetworksTest, a_network_in_use_is_refused_whatever_status_the_engine_uses) {
  for (const int status : {403, 409}) {
    serve_bytes(
        answer(status, R"({"message":"error while removing network: network has active endpoints"})"));
    expect_error([&] { run(remove_network(*engine_, "x")); }, ErrorKind::refused, "active endpoints");
  }
}

TEST_F(NetworksTest, create_sends_the_newer_options) {
  serve([](const auto&) { return answer(201, R"({"Id":"abc"})"); }, "1.48");
  run(create_network(
      *engine_,
      {.name = "shop", .internal = true, .attachable = true, .enable_ipv6 = true, .enable_ipv4 = false}));
  const json body = json::parse(call_seen().body);
  EXPECT_EQ(body["Internal"], true);
  EXPECT_EQ(body["Attachable"], true);
  EXPECT_EQ(body["EnableIPv6"], true);
  EXPECT_EQ(body["EnableIPv4"], false);
}

TEST_F(NetworksTest, a_list_takes_any_condition_and_reads_the_scope) {
  serve_bytes(
      answer(200, R"([{"Id":"n","Scope":"swarm","Internal":true,"Attachable":true,"EnableIPv6":true}])"));
  const auto networks = run(query_networks(*engine_, {{"driver", {"overlay"}}}));
  EXPECT_EQ(call_seen().target, "/v1.41/networks?filters=%7B%22driver%22%3A%5B%22overlay%22%5D%7D");
  EXPECT_EQ(networks.at(0).scope, "swarm");
  EXPECT_TRUE(networks[0].internal && networks[0].attachable && networks[0].enable_ipv6);
  serve_bytes(answer(404, R"({"message":"network x not found"})"));
  EXPECT_EQ(expect_error([&] { run(inspect_network(*engine_, "x")); }).kind(), ErrorKind::not_found);
}

TEST_F(NetworksTest, connect_sends_the_endpoint) {
  serve([](const auto&) { return answer(200, ""); }, "1.54");
  run(connect_container(*engine_,
                        {.network = "shop",
                         .ipv4 = "10.0.0.2",
                         .aliases = {"web"},
                         .ipv6 = "fd00::2",
                         .mac_address = "02:00:00:00:00:01",
                         .gateway_priority = -1,
                         .driver_options = {{"a", "b"}}},
                        ContainerId("c1")));
  EXPECT_EQ(call_seen().target, "/v1.54/networks/shop/connect");
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({"Container":"c1","EndpointConfig":{
    "IPAMConfig":{"IPv4Address":"10.0.0.2","IPv6Address":"fd00::2"},"Aliases":["web"],
    "MacAddress":"02:00:00:00:00:01","GwPriority":-1,"DriverOpts":{"a":"b"}}})"));
}

TEST_F(NetworksTest, disconnect_says_which_container) {
  serve_bytes(answer(200, ""));
  run(disconnect_container(*engine_, "shop", ContainerId("c1"), true));
  EXPECT_EQ(call_seen().target, "/v1.41/networks/shop/disconnect");
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({"Container":"c1","Force":true})"));
}

TEST_F(NetworksTest, an_endpoint_that_cannot_be_changed_is_refused_whatever_status_the_engine_uses) {
  for (const int status : {403, 409}) {
    serve_bytes(answer(status, R"({"message":"endpoint with name web already exists in network shop"})"));
    expect_error([&] { run(connect_container(*engine_, {.network = "shop"}, ContainerId("c1"))); },
                 ErrorKind::refused, "already exists");
    expect_error([&] { run(disconnect_container(*engine_, "shop", ContainerId("c1"))); }, ErrorKind::refused,
                 "already exists");
  }
  serve_bytes("");
  expect_error([&] { run(connect_container(*engine_, {}, ContainerId("c1"))); }, ErrorKind::invalid_argument,
               "no id");
  expect_error([&] { run(disconnect_container(*engine_, "shop", ContainerId())); },
               ErrorKind::invalid_argument, "no id");
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
