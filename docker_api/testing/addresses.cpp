#include "docker_api/testing/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace halcyon::docker_api::fake {

std::optional<std::uint32_t> parse_address(std::string_view text) {
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string write_address(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 0xffU, (address >> 8U) & 0xffU,
                     address & 0xffU);
}

std::optional<Subnet> parse_subnet(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!address || error != std::errc{} || end != digits.data() + digits.size() || bits < 1 || bits > 32) {
    return std::nullopt;
  }
  const std::uint32_t mask = 0xffffffffU << static_cast<unsigned>(32 - bits);
  return Subnet{.first = *address & mask, .bits = bits};
}

}  // namespace halcyon::docker_api::fake
