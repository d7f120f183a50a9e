#include "orchestrator/random_hex.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "orchestrator/error.hpp"

namespace halcyon::orchestrator {

std::string random_hex(std::size_t bytes) {
  std::array<unsigned char, 32> buffer{};
  if (::getrandom(buffer.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    throw Error(Outcome::needs_operator,
                fmt::format("cannot get random bytes from the kernel: {}", std::strerror(errno)));
  }
  std::string text;
  for (std::size_t index = 0; index < bytes; ++index) text += fmt::format("{:02x}", buffer.at(index));
  return text;
}

}  // namespace halcyon::orchestrator
