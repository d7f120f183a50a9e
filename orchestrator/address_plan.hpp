// Which address each slot and replica of a service has, for as long as the environment exists. Pure.
//
// A /24: .1 is the gateway, .2-.15 the engine gives to whoever asks for none, and from .16 on each service
// has a group of 16: blue in the first half, green in the second, one address a replica. nginx holds literal
// addresses that never change, so neither a restart nor a reboot can make it reach somebody else's container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/names.hpp"

namespace halcyon::orchestrator {

inline constexpr int k_address_groups = 15;
inline constexpr int k_addresses_per_slot = 8;

/// "10.201.7.1".
std::string gateway_address(std::string_view subnet);
/// "10.201.7.0/28": where the engine takes addresses from when none is asked for.
std::string dynamic_range(std::string_view subnet);
/// The address of one replica (from 1). `group` is 0 to 14.
std::string slot_address(std::string_view subnet, int group, Slot slot, int replica);
/// An accessory has no pair: the first address of its group.
std::string accessory_address(std::string_view subnet, int group);
/// The hardware (MAC) address that goes with an IPv4 address: "10.201.7.16" -> "02:42:0a:c9:07:10", what
/// Docker derived by itself before 28. An address that passes from one container to the next keeps it, so
/// nobody goes on talking to the old one's until the kernel doubts its neighbour table, which takes seconds.
std::string hardware_address(std::string_view ipv4);
/// All addresses of a slot, in the order of the replicas.
std::vector<std::string> slot_addresses(std::string_view subnet, int group, Slot slot, int replicas);

/// An IPv4 network, for finding overlaps.
struct Ipv4Network {
  std::uint32_t address = 0;
  int prefix = 0;
  bool overlaps(const Ipv4Network& other) const noexcept;
};
/// Parses "10.201.7.0/24"; nothing for anything else.
std::optional<Ipv4Network> parse_ipv4_network(std::string_view text);

/// True if `network` overlaps with none of `taken`.
bool is_free(const Ipv4Network& network, const std::vector<Ipv4Network>& taken);

/// Chooses a free /24 of 10.201.0.0/16, starting at a place that depends on `seed` ("shop_production"), so
/// that a reinstalled environment tends to get the same one. Nothing if all 256 overlap with `taken`.
std::optional<std::string> choose_subnet(std::string_view seed, const std::vector<Ipv4Network>& taken);

}  // namespace halcyon::orchestrator
