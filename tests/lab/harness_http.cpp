#include "harness_http.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <stdexcept>

namespace halcyon::lab_tests {
namespace {

constexpr int k_pause_between_requests_ms = 4;
constexpr timeval k_socket_timeout{10, 0};

std::optional<int> connect_to(int family, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &k_socket_timeout, sizeof k_socket_timeout);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &k_socket_timeout, sizeof k_socket_timeout);
  if (::connect(fd, address, size) == 0) return fd;
  ::close(fd);
  return std::nullopt;
}

std::optional<int> connect_to_loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void parse_head(const std::string& head, Reply& reply) {
  reply.status = head.size() > 12 ? std::atoi(head.c_str() + 9) : 0;
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", at + 2), head.size());
    std::string line = head.substr(at + 2, end - at - 2);
    const auto colon = line.find(':');
    if (colon != std::string::npos) {
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      const auto value = line.find_first_not_of(' ', colon + 1);
      reply.headers[name] = value == std::string::npos ? "" : line.substr(value);
    }
    at = end == head.size() ? std::string::npos : end;
  }
}

}  // namespace

std::string Reply::release() const {
  const auto found = headers.find("x-release");
  return found == headers.end() ? "" : found->second;
}

std::optional<Connection> Connection::to_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const auto fd = connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return fd ? std::optional(Connection(*fd)) : std::nullopt;
}

std::optional<Connection> Connection::to_loopback(int port) {
  const auto fd = connect_to_loopback(port);
  return fd ? std::optional(Connection(*fd)) : std::nullopt;
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

Reply Connection::exchange(const std::string& request) {
  Reply reply;
  if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    reply.error = std::string("cannot send: ") + std::strerror(errno);
    return reply;
  }
  std::string text;
  std::size_t body_at = std::string::npos;
  std::optional<std::size_t> length;
  std::array<char, 16384> buffer{};
  while (!length || text.size() < body_at + *length) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0 && body_at != std::string::npos && !length && count == 0)
      break;  // ends with the connection
    if (count <= 0) {
      reply.status = 0;
      reply.error = count == 0 ? "closed before the answer was complete" : std::strerror(errno);
      return reply;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (body_at != std::string::npos || text.find("\r\n\r\n") == std::string::npos) continue;
    body_at = text.find("\r\n\r\n") + 4;
    parse_head(text.substr(0, body_at - 4), reply);
    if (const auto found = reply.headers.find("content-length"); found != reply.headers.end()) {
      length = std::stoul(found->second);
    } else if (reply.status == 101 || reply.status == 204 || reply.status == 304) {
      length = 0;
    }
  }
  reply.body = text.substr(body_at);
  return reply;
}

Reply get_from_loopback(int port, const std::string& host, const std::string& path) {
  auto connection = Connection::to_loopback(port);
  if (!connection) return Reply{.error = std::string("cannot connect: ") + std::strerror(errno)};
  return connection->exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

SteadyClient::SteadyClient(int port, std::string host, std::set<std::string> releases)
    : port_(port),
      host_(std::move(host)),
      releases_(std::move(releases)),
      thread_([this] { ask_until_stopped(); }) {
  wait_for_more(2);
}

SteadyClient::~SteadyClient() { stop(); }

void SteadyClient::ask_until_stopped() {
  std::optional<Connection> kept;
  for (std::uint64_t number = 0; !stopping_; ++number) {
    ask_once(kept, number);
    ::poll(nullptr, 0, k_pause_between_requests_ms);
  }
}

void SteadyClient::ask_once(std::optional<Connection>& kept, std::uint64_t number) {
  const bool is_fresh = number % 2 == 1;
  Reply reply;
  if (is_fresh) {
    reply = get_from_loopback(port_, host_, "/");
  } else {
    if (!kept) kept = Connection::to_loopback(port_);
    if (kept) reply = kept->exchange("GET / HTTP/1.1\r\nHost: " + host_ + "\r\n\r\n");
    if (reply.status == 0) kept.reset();
  }
  if (reply.status == 200 && releases_.contains(reply.release())) {
    ++answered_;
  } else if (faults_.size() < 20) {
    faults_.push_back("request " + std::to_string(number) + (is_fresh ? " (fresh)" : " (kept)") +
                      ": status " + std::to_string(reply.status) + " release '" + reply.release() + "' " +
                      reply.error);
  }
}

bool SteadyClient::wait_for_more(std::uint64_t count) {
  const std::uint64_t wanted = answered_ + count;
  return wait_until([&] { return answered_ >= wanted; });
}

std::vector<std::string> SteadyClient::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return faults_;
}

BadRegistry::BadRegistry(Way way, int upstream_port, std::uint64_t bytes)
    : way_(way), upstream_port_(upstream_port), bytes_(bytes) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot bind a port of 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  if (way == Way::refuses) return;  // bound, so that nobody else takes it, but not listening
  ::listen(listener_, 64);
  thread_ = std::thread([this] { way_ == Way::answers_429 ? answer_429() : serve(); });
}

BadRegistry::~BadRegistry() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) ::close(listener_);
}

void BadRegistry::answer_429() {
  const std::string body = R"({"errors":[{"code":"TOOMANYREQUESTS","message":"pull limit reached"}]})";
  const std::string answer =
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Type: application/json\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::vector<char> request(16384);
    if (client < 0) continue;
    if (::recv(client, request.data(), request.size(), 0) > 0) {
      met_ = true;
      ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::shutdown(client, SHUT_WR);
    while (::recv(client, request.data(), request.size(), 0) > 0) {
    }
    ::close(client);
  }
}

/// One thread for all connections: pairs of (client, registry), or lone clients that get no answer.
void BadRegistry::serve() {
  std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
  std::map<int, int> peers;
  std::set<int> clients;
  std::uint64_t left = bytes_;
  std::vector<char> buffer(16384);
  while (!stopping_ && !(way_ == Way::dies_midway && met_)) {
    if (::poll(sockets.data(), sockets.size(), 20) <= 0) continue;
    const auto ready = sockets;
    for (const pollfd& socket : ready) {
      if (socket.revents == 0) continue;
      if (socket.fd == listener_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        clients.insert(client);
        sockets.push_back({client, upstream_port_ == 0 ? short{0} : short{POLLIN}, 0});
        if (upstream_port_ == 0) {
          met_ = true;
        } else if (const auto registry = connect_to_loopback(upstream_port_)) {
          peers[client] = *registry;
          peers[*registry] = client;
          sockets.push_back({*registry, POLLIN, 0});
        }
        continue;
      }
      const ssize_t count =
          peers.contains(socket.fd) ? ::recv(socket.fd, buffer.data(), buffer.size(), 0) : 0;
      if (count <= 0) {
        if (peers.contains(socket.fd)) ::shutdown(peers[socket.fd], SHUT_WR);
        std::erase_if(sockets, [&](const pollfd& other) { return other.fd == socket.fd; });
        continue;
      }
      const auto bytes = static_cast<std::uint64_t>(count);
      const bool is_answer = !clients.contains(socket.fd);
      if (is_answer && bytes > left && !met_.exchange(true) && way_ == Way::flips_a_bit) buffer[left] ^= 1;
      if (is_answer) left -= std::min(left, bytes);
      if (!met_ || way_ == Way::flips_a_bit) ::send(peers[socket.fd], buffer.data(), bytes, MSG_NOSIGNAL);
    }
  }
  // Gone: connections are cut, and new ones are refused.
  for (const auto& [socket, peer] : peers) ::close(socket);
  for (const int client : clients) {
    if (!peers.contains(client)) ::close(client);
  }
  ::shutdown(listener_, SHUT_RDWR);
}

}  // namespace halcyon::lab_tests
