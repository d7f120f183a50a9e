#include "orchestrator/address_plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace halcyon::orchestrator {
namespace {

TEST(AddressPlan, blue_and_green_are_eight_apart_and_replicas_follow_each_other) {
  EXPECT_EQ(slot_address("10.201.7.0/24", 0, Slot::blue, 1), "10.201.7.16");
  EXPECT_EQ(slot_address("10.201.7.0/24", 0, Slot::green, 1), "10.201.7.24");
  EXPECT_EQ(slot_address("10.201.7.0/24", 1, Slot::green, 8), "10.201.7.47");
  EXPECT_EQ(gateway_address("10.201.7.0/24"), "10.201.7.1");
  EXPECT_EQ(dynamic_range("10.201.7.0/24"), "10.201.7.0/28");
}

TEST(AddressPlan, no_address_is_given_twice_and_none_is_the_gateway_dynamic_or_broadcast) {
  std::set<std::string> seen;
  for (int group = 0; group < k_address_groups; ++group) {
    for (const Slot slot : {Slot::blue, Slot::green}) {
      for (const std::string& address : slot_addresses("10.201.7.0/24", group, slot, k_addresses_per_slot)) {
        EXPECT_TRUE(seen.insert(address).second) << address;
        const int host = std::stoi(address.substr(address.rfind('.') + 1));
        EXPECT_GE(host, 16);
        EXPECT_LE(host, 255);
      }
    }
  }
  EXPECT_EQ(seen.size(), 240U);
}

TEST(AddressPlan, an_address_has_one_hardware_address_as_docker_derives_it) {
  EXPECT_EQ(hardware_address("10.201.7.16"), "02:42:0a:c9:07:10");
  EXPECT_EQ(hardware_address("10.201.255.24"), "02:42:0a:c9:ff:18");
  EXPECT_EQ(hardware_address("10.201.7"), "");
}

TEST(AddressPlan, networks_are_parsed_strictly) {
  EXPECT_EQ(parse_ipv4_network("10.201.7.0/24")->prefix, 24);
  for (const std::string text :
       {"", "10.201.7.0", "10.201.7.0/33", "10.201.7.0/x", "10.201.7/24", "fd00::/8", "/24"}) {
    EXPECT_FALSE(parse_ipv4_network(text)) << text;
  }
}

TEST(AddressPlan, overlap_goes_by_the_shorter_prefix) {
  const auto network = [](const char* text) { return *parse_ipv4_network(text); };
  EXPECT_TRUE(network("10.201.7.0/24").overlaps(network("10.201.0.0/16")));
  EXPECT_TRUE(network("10.0.0.0/8").overlaps(network("10.201.7.0/24")));
  EXPECT_FALSE(network("10.201.7.0/24").overlaps(network("10.201.8.0/24")));
  EXPECT_TRUE(network("0.0.0.0/0").overlaps(network("10.201.8.0/24")));
}

TEST(AddressPlan, the_same_environment_gets_the_same_subnet_unless_it_is_taken) {
  const auto first = choose_subnet("shop_production", {});
  ASSERT_TRUE(first);
  EXPECT_EQ(choose_subnet("shop_production", {}), first);
  const auto second = choose_subnet("shop_production", {*parse_ipv4_network(*first)});
  ASSERT_TRUE(second);
  EXPECT_NE(second, first);
}

TEST(AddressPlan, says_so_when_nothing_is_free) {
  EXPECT_FALSE(choose_subnet("shop_production", {*parse_ipv4_network("10.0.0.0/8")}));
}

}  // namespace
}  // namespace halcyon::orchestrator
