#include "tests/docker_api/conformance/wire_peer.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace halcyon::docker_api {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int k_most_turns = 2'000'000;  // a client that reads nothing must not hang the test
constexpr int k_highest_fd = 256;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("wire peer: " + what); }

/// True if `other` is the other end of `fd`, a loopback connection of ours.
bool is_other_end(int fd, int other) {
  sockaddr_in wanted{};
  sockaddr_in found{};
  socklen_t size = sizeof wanted;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&wanted), &size) != 0) return false;
  size = sizeof found;
  if (::getsockname(other, reinterpret_cast<sockaddr*>(&found), &size) != 0) return false;
  return found.sin_family == AF_INET && found.sin_port == wanted.sin_port &&
         found.sin_addr.s_addr == wanted.sin_addr.s_addr;
}

int find_other_end(int fd) {
  for (int other = 0; other < k_highest_fd; ++other) {
    if (is_other_end(fd, other)) return other;
  }
  return -1;
}

std::size_t waiting_bytes(int fd) {
  int bytes = 0;
  return ::ioctl(fd, FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

asio::awaitable<void> turn() { co_await asio::post(asio::use_awaitable); }

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

std::size_t content_length(const test_support::SeenRequest& request) {
  const std::string text = request.header("Content-Length");
  std::size_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

}  // namespace

std::string to_string(Wire wire) {
  constexpr std::array k_names{"unix", "tcp", "tls12", "tls13", "ssh"};
  return k_names.at(static_cast<std::size_t>(wire));
}

const test_support::Certificates& certificates() {
  static const testing::TemporaryDirectory directory;
  static const test_support::Certificates made(directory.path());
  return made;
}

WireConnection::WireConnection(asio::io_context& io, int fd, const TlsServerContext* tls) : socket_(io) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  is_unix_ = name.ss_family == AF_UNIX;
  const int yes = 1;
  if (!is_unix_) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    client_fd_ = find_other_end(fd);
  }
  socket_.assign(asio::generic::stream_protocol(name.ss_family, 0), fd);
  if (tls != nullptr) tls_.emplace(*tls);
}

asio::awaitable<bool> WireConnection::receive_more() {
  if (client_ended_ || !socket_.is_open()) co_return false;
  std::array<char, 65536> buffer;
  error_code error;
  const std::size_t bytes = co_await socket_.async_read_some(
      asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    client_ended_ = true;
    co_return false;
  }
  const std::string_view came(buffer.data(), bytes);
  if (!tls_) {
    received_.append(came);
    co_return true;
  }
  received_.append(tls_->decrypt(came));
  co_await send_encoded(tls_->take_output());
  client_ended_ = tls_->has_ended();
  co_return true;
}

/// True once head and body are there; takes them off received_.
bool WireConnection::parse_request() {
  const std::size_t end = received_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  test_support::SeenRequest request;
  request.head = received_.substr(0, end + 4);
  const std::size_t body_bytes = content_length(request);
  if (received_.size() < end + 4 + body_bytes) return false;
  request.body = received_.substr(end + 4, body_bytes);
  received_.erase(0, end + 4 + body_bytes);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  request_ = std::move(request);
  return true;
}

asio::awaitable<bool> WireConnection::read_request() {
  while (!parse_request()) {
    if (!co_await receive_more()) co_return false;
  }
  co_return true;
}

asio::awaitable<std::string> WireConnection::read_to_end() {
  while (co_await receive_more()) {
  }
  co_return std::exchange(received_, {});
}

asio::awaitable<std::string> WireConnection::read_at_least(std::size_t bytes) {
  while (received_.size() < bytes) {
    if (!co_await receive_more()) break;
  }
  co_return std::exchange(received_, {});
}

bool WireConnection::has_unread() { return !received_.empty() || waiting_bytes(socket_.native_handle()) > 0; }

std::string WireConnection::encode(std::string_view plain) {
  return tls_ ? tls_->encrypt(plain) : std::string(plain);
}

asio::awaitable<void> WireConnection::send(std::string plain) { return send_encoded(encode(plain)); }

asio::awaitable<void> WireConnection::send_encoded(std::string bytes) {
  const bool cut = output_left_ && *output_left_ <= bytes.size();
  if (cut) bytes.resize(*output_left_);
  if (output_left_) *output_left_ -= bytes.size();
  error_code ignored;  // a client that has gone is no failure of the test's server
  if (!bytes.empty() && socket_.is_open()) {
    co_await asio::async_write(socket_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (cut && closes_at_limit_) {
    co_await taken();
    close();
  }
}

bool WireConnection::has_client_gone() {
  pollfd entry{socket_.native_handle(), 0, 0};
  return ::poll(&entry, 1, 0) != 0;  // POLLHUP or POLLERR
}

bool WireConnection::has_taken_all() {
  if (!is_unix_) {
    // TCP's own queue empties when the other side acknowledges, up to 40 ms later. On loopback what was sent
    // is with the receiver at once, so the receiver's socket is asked.
    return !is_other_end(socket_.native_handle(), client_fd_) || waiting_bytes(client_fd_) == 0;
  }
  int queued = 0;
  return ::ioctl(socket_.native_handle(), SIOCOUTQ, &queued) != 0 || queued == 0;
}

asio::awaitable<void> WireConnection::taken() {
  for (int turns = 0; socket_.is_open() && !has_taken_all() && !has_client_gone(); ++turns) {
    if (turns == k_most_turns) fail("the client reads nothing");
    co_await turn();
  }
  co_await turn();  // the client's own turn with what it has read
}

asio::awaitable<void> WireConnection::end() {
  if (tls_) co_await send_encoded(tls_->end());
  error_code ignored;
  if (socket_.is_open()) socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void WireConnection::close() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);  // also in a process that has the same socket
  socket_.close(ignored);
  if (control_) control_->close(ignored);
}

void WireConnection::limit_output(std::size_t bytes, bool then_close) {
  output_left_ = bytes;
  closes_at_limit_ = then_close;
}

WirePeer::WirePeer(asio::io_context& io, Wire wire) : io_(io), wire_(wire), listener_(io) {
  if (is_tls(wire)) {
    tls_.emplace(certificates(),
                 wire == Wire::tls12 ? test_support::TlsVersion::tls12 : test_support::TlsVersion::tls13);
  }
  listen();
  asio::co_spawn(io_, accept_loop(), rethrow);
}

WirePeer::~WirePeer() {
  stop();
  io_.restart();
  io_.run_for(std::chrono::seconds(20));
}

void WirePeer::stop() {
  error_code ignored;
  listener_.close(ignored);
  for (const auto& entry : std::exchange(open_, {})) {
    if (const auto connection = entry.lock()) connection->close();
  }
}

void WirePeer::listen() {
  int fd = -1;
  if (wire_ == Wire::unix_socket || wire_ == Wire::ssh) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    (directory_ / "s").copy(where.sun_path, sizeof where.sun_path - 1);
    fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) fail("bind");
  } else {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) fail("bind");
    socklen_t size = sizeof where;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
  }
  if (::listen(fd, 64) != 0) fail("listen");
  listener_.assign(fd);
}

EngineAddress WirePeer::address() const {
  if (wire_ == Wire::unix_socket) return UnixAddress{directory_ / "s"};
  if (wire_ == Wire::ssh) return SshAddress{.user = "me", .host = "far"};
  TcpAddress where{"127.0.0.1", port_};
  if (tls_) where.tls = TlsSettings{.ca_file = certificates().ca};
  return where;
}

EngineSettings WirePeer::settings() const {
  return {.environment = {std::string("PATH=") + HALCYON_TEST_SSH_DIRECTORY,
                          "HALCYON_TEST_WIRE=" + (directory_ / "s")}};
}

asio::awaitable<void> WirePeer::accept_loop() {
  while (listener_.is_open()) {
    error_code error;
    co_await listener_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const int fd = ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    std::shared_ptr<WireConnection> connection;
    if (wire_ == Wire::ssh) {
      asio::posix::stream_descriptor control(io_, fd);
      co_await control.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(asio::use_awaitable, error));
      connection = adopt_ssh(control.release());
      if (!connection) continue;
    } else {
      connection = std::make_shared<WireConnection>(io_, fd, tls_ ? &*tls_ : nullptr);
    }
    std::erase_if(open_, [](const auto& entry) { return entry.expired(); });
    open_.push_back(connection);
    asio::co_spawn(io_, serve(connection), rethrow);
  }
}

/// Takes the socket that the ssh process hands over.
std::shared_ptr<WireConnection> WirePeer::adopt_ssh(int control) {
  char byte = 0;
  iovec bytes{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  if (::recvmsg(control, &message, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&message) == nullptr) {
    ::close(control);  // killed before it could
    return nullptr;
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  auto connection = std::make_shared<WireConnection>(io_, fd, nullptr);
  connection->control_.emplace(io_, control);
  return connection;
}

asio::awaitable<void> WirePeer::serve(std::shared_ptr<WireConnection> connection) {
  if (on_connect) on_connect(*connection);
  while (co_await connection->read_request()) {
    co_await reply(*connection);
    if (!connection->is_open()) break;
  }
  connection->close();
}

}  // namespace halcyon::docker_api
