// IPv4 addresses and subnets. Private to docker_api/testing; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::docker_api::fake {

struct Subnet {
  std::uint32_t first = 0;
  int bits = 0;

  std::uint32_t size() const { return bits == 0 ? 0xffffffffU : std::uint32_t{1} << (32 - bits); }
  std::uint32_t last() const { return first + (size() - 1); }
  bool contains(std::uint32_t address) const { return address >= first && address <= last(); }
  bool overlaps(const Subnet& other) const { return first <= other.last() && other.first <= last(); }
};

std::optional<std::uint32_t> parse_address(std::string_view text);
std::string write_address(std::uint32_t address);
/// "10.1.0.0/24"; nothing for anything else.
std::optional<Subnet> parse_subnet(std::string_view text);

}  // namespace halcyon::docker_api::fake
