#include "tests/support/scripted_server.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace halcyon::test_support {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("scripted server: " + what); }

std::size_t parse_size(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

std::string SeenRequest::header(std::string_view name) const {
  std::size_t line = head.find("\r\n");
  while (line != std::string::npos && line + 2 < head.size()) {
    const std::size_t start = line + 2;
    const std::size_t colon = head.find(':', start);
    line = head.find("\r\n", start);
    if (colon == std::string::npos || colon > line || colon - start != name.size()) continue;
    if (strncasecmp(head.data() + start, name.data(), name.size()) != 0) continue;
    const std::size_t value = head.find_first_not_of(' ', colon + 1);
    return head.substr(value, line - value);
  }
  return "";
}

ScriptedPeer::ScriptedPeer(ScriptedServer& server, int fd, std::size_t connection)
    : server_(server), fd_(fd) {
  request_.connection = connection;
}

bool ScriptedPeer::receive_more() {
  std::array<char, 65536> bytes;
  const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

bool ScriptedPeer::read_head() {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more()) return false;
  }
  parse_head(end + 4);
  return true;
}

void ScriptedPeer::parse_head(std::size_t head_bytes) {
  request_.head = received_.substr(0, head_bytes);
  received_.erase(0, head_bytes);
  request_.body.clear();
  const std::size_t space = request_.head.find(' ');
  request_.method = request_.head.substr(0, space);
  request_.target = request_.head.substr(space + 1, request_.head.find(' ', space + 1) - space - 1);
}

bool ScriptedPeer::read_request() { return read_head() && read_rest_of_request(); }

bool ScriptedPeer::read_rest_of_request() {
  if (!read_body()) return false;
  server_.record(request_);
  return true;
}

bool ScriptedPeer::read_body() {
  if (request_.header("Transfer-Encoding") != "chunked") {
    const std::size_t wanted = parse_size(request_.header("Content-Length"), 10);
    while (received_.size() < wanted) {
      if (!receive_more()) return false;
    }
    request_.body = received_.substr(0, wanted);
    received_.erase(0, wanted);
    return true;
  }
  for (;;) {
    std::size_t line = std::string::npos;
    while ((line = received_.find("\r\n")) == std::string::npos) {
      if (!receive_more()) return false;
    }
    const std::size_t size = parse_size(received_.substr(0, line), 16);
    while (received_.size() < line + 2 + size + 2) {
      if (!receive_more()) return false;
    }
    request_.body += received_.substr(line + 2, size);
    received_.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

bool ScriptedPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// A unix socket tells how much the other side has not read yet, but has no event for it: so it is asked
/// again and again, and what is waited for in between is the event that the client hangs up.
bool ScriptedPeer::wait_until_taken() {
  constexpr timespec k_pause{.tv_sec = 0, .tv_nsec = 20'000};
  for (;;) {
    int queued = 0;
    if (::ioctl(fd_, SIOCOUTQ, &queued) != 0) return false;
    if (queued == 0) return true;
    pollfd entry{fd_, 0, 0};
    if (::ppoll(&entry, 1, &k_pause, nullptr) != 0) return false;
  }
}

bool ScriptedPeer::send_split(std::string_view bytes, std::size_t at) {
  return send(bytes.substr(0, at)) && wait_until_taken() && send(bytes.substr(at));
}

bool ScriptedPeer::send_bytewise(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!send(bytes.substr(i, 1)) || !wait_until_taken()) return false;
  }
  return true;
}

void ScriptedPeer::close() { ::shutdown(fd_, SHUT_RDWR); }

std::string ScriptedPeer::read_to_end() {
  while (receive_more()) {
  }
  return std::exchange(received_, {});
}

void ScriptedPeer::wait_for_client_to_close() {
  while (receive_more()) received_.clear();
}

ScriptedServer::ScriptedServer(Script script, Transport transport)
    : ScriptedServer(std::vector<Script>{std::move(script)}, transport) {}

ScriptedServer::ScriptedServer(std::vector<Script> scripts, Transport transport)
    : scripts_(std::move(scripts)) {
  transport == Transport::unix_socket ? listen_unix() : listen_tcp();
  acceptor_ = std::thread([this] { accept_loop(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_fds_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& player : players_) player.join();
  ::close(listener_);
  if (directory_.empty()) return;
  ::unlink((directory_ + "/s").c_str());
  ::rmdir(directory_.c_str());
}

void ScriptedServer::listen_unix() {
  char name[] = "/tmp/halcyon-test-XXXXXX";
  if (::mkdtemp(name) == nullptr) fail("mkdtemp");
  directory_ = name;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  const std::string path = directory_ + "/s";
  path.copy(where.sun_path, sizeof(where.sun_path) - 1);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) != 0) fail("bind " + path);
  if (::listen(listener_, 64) != 0) fail("listen");
  address_ = docker_api::UnixAddress{path};
}

void ScriptedServer::listen_tcp() {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) != 0) fail("bind");
  if (::listen(listener_, 64) != 0) fail("listen");
  socklen_t size = sizeof(where);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size);
  address_ = docker_api::TcpAddress{"127.0.0.1", ntohs(where.sin_port)};
}

void ScriptedServer::accept_loop() {
  for (std::size_t connection = 0;; ++connection) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    open_fds_.push_back(fd);
    players_.emplace_back([this, fd, connection] { play(fd, connection); });
  }
}

void ScriptedServer::play(int fd, std::size_t connection) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));  // fails harmlessly on a unix socket
  ScriptedPeer peer(*this, fd, connection);
  scripts_[std::min(connection, scripts_.size() - 1)](peer);
  const std::lock_guard lock(mutex_);
  open_fds_.erase(std::find(open_fds_.begin(), open_fds_.end(), fd));
  ::close(fd);
}

void ScriptedServer::record(const SeenRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
}

std::vector<SeenRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t ScriptedServer::connections() const {
  const std::lock_guard lock(mutex_);
  return players_.size();
}

std::string answer(int status, std::string_view body, std::string_view headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n";
  text.append(headers);
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text.append(body);
}

std::string chunk(std::string_view piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
  return std::string(size.data(), end) + "\r\n" + std::string(piece) + "\r\n";
}

std::string chunked_answer(const std::vector<std::string>& pieces, std::string_view headers) {
  std::string text = "HTTP/1.1 200 OK\r\n" + std::string(headers) + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& piece : pieces) text += chunk(piece);
  return text + "0\r\n\r\n";
}

std::string pong(std::string_view api_version) {
  return answer(200, "OK", "Api-Version: " + std::string(api_version) + "\r\nOSType: linux\r\n");
}

Script engine_script(std::function<std::string(const SeenRequest&)> reply, std::string api_version) {
  return [reply = std::move(reply), api_version = std::move(api_version)](ScriptedPeer& peer) {
    while (peer.read_request()) {
      const bool is_ping = peer.request().target.ends_with("/_ping");
      if (!peer.send(is_ping ? pong(api_version) : reply(peer.request()))) return;
    }
  };
}

}  // namespace halcyon::test_support
