#include "docker_api/testing/listening_socket.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <system_error>

namespace halcyon::docker_api::fake {
namespace {

constexpr int k_backlog = 128;
constexpr const char* k_socket_name = "/engine.sock";

void require_success(bool succeeded, const char* what) {
  if (!succeeded)
    throw std::system_error(errno, std::generic_category(), std::string("fake engine: ") + what);
}

}  // namespace

ListeningSocket::ListeningSocket(Transport transport) : transport_(transport) {
  if (transport_ == Transport::unix_socket) {
    std::string pattern = "/tmp/halcyon-fake.XXXXXX";
    require_success(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    directory_ = pattern;
  }
  open();
}

ListeningSocket::~ListeningSocket() {
  if (directory_.empty()) return;
  ::unlink((directory_ + k_socket_name).c_str());
  ::rmdir(directory_.c_str());
}

void ListeningSocket::open() {
  if (transport_ == Transport::unix_socket) {
    open_unix();
  } else {
    open_tcp();
  }
  require_success(::listen(socket_.get(), k_backlog) == 0, "listen");
}

void ListeningSocket::close() { socket_.reset(); }

int ListeningSocket::accept() {
  return ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

EngineAddress ListeningSocket::address() const {
  if (transport_ == Transport::unix_socket) return UnixAddress{directory_ + k_socket_name};
  return TcpAddress{.host = "127.0.0.1", .port = port_};
}

void ListeningSocket::open_unix() {
  socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  require_success(socket_.is_open(), "socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ + k_socket_name;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ::unlink(path.c_str());
  require_success(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
}

void ListeningSocket::open_tcp() {
  socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  require_success(socket_.is_open(), "socket");
  const int on = 1;
  require_success(::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  require_success(::bind(socket_.get(), raw, size) == 0, "bind");
  require_success(::getsockname(socket_.get(), raw, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
}

}  // namespace halcyon::docker_api::fake
