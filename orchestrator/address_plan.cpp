#include "orchestrator/address_plan.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "orchestrator/journal.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr int k_first_group_at = 16;
constexpr int k_group_size = 2 * k_addresses_per_slot;

/// "10.201.7.0/24", 5 -> "10.201.7.5".
std::string host_address(std::string_view subnet, int host) {
  return fmt::format("{}.{}", subnet.substr(0, subnet.rfind('.')), host);
}

}  // namespace

std::string gateway_address(std::string_view subnet) { return host_address(subnet, 1); }

std::string dynamic_range(std::string_view subnet) { return host_address(subnet, 0) + "/28"; }

std::string slot_address(std::string_view subnet, int group, Slot slot, int replica) {
  const int half = slot == Slot::green ? k_addresses_per_slot : 0;
  return host_address(subnet, k_first_group_at + group * k_group_size + half + replica - 1);
}

std::string accessory_address(std::string_view subnet, int group) {
  return slot_address(subnet, group, Slot::blue, 1);
}

std::string hardware_address(std::string_view ipv4) {
  in_addr parsed{};
  if (inet_pton(AF_INET, std::string(ipv4).c_str(), &parsed) != 1) return {};
  const std::uint32_t address = ntohl(parsed.s_addr);
  return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24U, (address >> 16U) & 0xffU,
                     (address >> 8U) & 0xffU, address & 0xffU);
}

std::vector<std::string> slot_addresses(std::string_view subnet, int group, Slot slot, int replicas) {
  std::vector<std::string> addresses;
  for (int replica = 1; replica <= replicas; ++replica) {
    addresses.push_back(slot_address(subnet, group, slot, replica));
  }
  return addresses;
}

bool Ipv4Network::overlaps(const Ipv4Network& other) const noexcept {
  const int shorter = std::min(prefix, other.prefix);
  if (shorter <= 0) return true;
  const std::uint32_t mask = ~std::uint32_t{0} << (32 - shorter);
  return (address & mask) == (other.address & mask);
}

std::optional<Ipv4Network> parse_ipv4_network(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string address(text.substr(0, slash));
  const std::string_view prefix = text.substr(slash + 1);
  Ipv4Network network;
  in_addr parsed{};
  const auto [end, error] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), network.prefix);
  if (error != std::errc{} || end != prefix.data() + prefix.size() || network.prefix < 0 ||
      network.prefix > 32 || ::inet_pton(AF_INET, address.c_str(), &parsed) != 1) {
    return std::nullopt;
  }
  network.address = ntohl(parsed.s_addr);
  return network;
}

bool is_free(const Ipv4Network& network, const std::vector<Ipv4Network>& taken) {
  return std::none_of(taken.begin(), taken.end(),
                      [&](const Ipv4Network& other) { return network.overlaps(other); });
}

std::optional<std::string> choose_subnet(std::string_view seed, const std::vector<Ipv4Network>& taken) {
  const std::uint32_t start = crc32c(seed) % 256;
  for (std::uint32_t offset = 0; offset < 256; ++offset) {
    std::string subnet = fmt::format("10.201.{}.0/24", (start + offset) % 256);
    if (is_free(*parse_ipv4_network(subnet), taken)) return subnet;
  }
  return std::nullopt;
}

}  // namespace halcyon::orchestrator
