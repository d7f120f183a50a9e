#include "raw_ping.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace halcyon::bench {
namespace {

constexpr std::string_view k_request = "GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int connect_to(const docker_api::UnixAddress& address) {
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  address.path.copy(target.sun_path, sizeof target.sun_path - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&target), sizeof target) != 0)
    fail("connect " + address.path);
  return descriptor;
}

int connect_to(const docker_api::TcpAddress& address) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(address.port);
  ::inet_pton(AF_INET, address.host.c_str(), &target.sin_addr);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&target), sizeof target) != 0)
    fail("connect " + address.host);
  return descriptor;
}

int connect_to(const docker_api::SshAddress& address) { fail("connect without ssh to " + address.host); }

}  // namespace

RawConnection::RawConnection(const docker_api::EngineAddress& address)
    : descriptor_(std::visit([](const auto& place) { return connect_to(place); }, address)) {}

RawConnection::~RawConnection() { ::close(descriptor_); }

void RawConnection::ping() {
  if (::write(descriptor_, k_request.data(), k_request.size()) != static_cast<ssize_t>(k_request.size()))
    fail("write");
  std::array<char, 4096> buffer;
  std::size_t filled = 0;
  for (;;) {
    const ssize_t bytes = ::read(descriptor_, buffer.data() + filled, buffer.size() - filled);
    if (bytes <= 0) fail("read");
    filled += static_cast<std::size_t>(bytes);
    const std::string_view answer(buffer.data(), filled);
    if (!answer.starts_with("HTTP/1.1 200"))
      throw std::runtime_error("the engine does not answer /_ping with 200");
    // The body is "OK", and nothing follows it.
    if (answer.ends_with("\r\n\r\nOK")) return;
  }
}

}  // namespace halcyon::bench
