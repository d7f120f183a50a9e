#include "raw_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace halcyon::bench {
namespace {

constexpr std::string_view k_ping_request = "GET /_ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

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

void RawConnection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count <= 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::uint64_t RawConnection::read_to_end(std::string_view end) {
  // What ends an answer may come in two reads: the last bytes of the one before are kept in front of the
  // room.
  char* const room = buffer_.data() + k_kept_bytes;
  char* const kept = room - end.size();
  std::uint64_t all_bytes = 0;
  for (;;) {
    const ssize_t count = ::read(descriptor_, room, buffer_.size() - k_kept_bytes);
    if (count <= 0) fail("read");
    const auto bytes = static_cast<std::size_t>(count);
    if (all_bytes == 0 && !std::string_view(room, bytes).starts_with("HTTP/1.1 200"))
      throw std::runtime_error("the engine does not answer with 200");
    all_bytes += bytes;
    if (std::string_view(kept, end.size() + bytes).ends_with(end)) return all_bytes;
    std::memmove(kept, kept + bytes, end.size());
  }
}

void RawConnection::ping() {
  write_all(k_ping_request);
  read_to_end("\r\n\r\nOK");  // the body, and nothing follows it
}

std::uint64_t RawConnection::get(std::string_view target) {
  write_all("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return read_to_end("\r\n0\r\n\r\n");
}

void RawConnection::put(std::string_view target, std::string_view piece, std::size_t times,
                        std::string_view last) {
  write_all("PUT " + std::string(target) +
            " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
  for (std::size_t number = 0; number < times; ++number) write_all(piece);
  write_all(last);
  read_to_end("\r\n\r\n");
}

}  // namespace halcyon::bench
