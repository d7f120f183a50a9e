#include "docker_api/networks.hpp"

#include <nlohmann/json.hpp>

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

}  // namespace
}  // namespace halcyon::docker_api
