#include "fake_host.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "harness_process.hpp"

namespace halcyon::crash_tests {
namespace {

constexpr const char* k_registry = "registry.test:5000";

std::string make_directory() {
  char directory[] = "/tmp/halcyon-crash-XXXXXX";
  if (::mkdtemp(directory) == nullptr) throw std::runtime_error("cannot make a directory in /tmp");
  ::chmod(directory, 0755);  // nginx's workers must get through
  return directory;
}

int listen_on_every_address() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(k_application_port);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 64) != 0) {
    throw std::runtime_error("cannot listen on port 8000 of the tests' own network namespace");
  }
  return fd;
}

std::string own_address(int connection) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(connection, reinterpret_cast<sockaddr*>(&address), &size);
  char text[INET_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return text;
}

/// Reads one request's head and answers it; what is no request is left without an answer.
void answer(int connection, const std::string& release) {
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string request;
  char piece[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, piece, sizeof piece, 0);
    if (got <= 0) return;
    request.append(piece, static_cast<std::size_t>(got));
  }
  const std::string text =
      "HTTP/1.1 200 OK\r\nX-Release: " + release + "\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
  static_cast<void>(::send(connection, text.data(), text.size(), MSG_NOSIGNAL));
}

}  // namespace

FakeHost::FakeHost()
    : directory_(make_directory()),
      engine_(std::make_unique<docker_api::fake::FakeEngine>()),
      listening_(listen_on_every_address()),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  for (const std::string tag : {"one", "two", "three"}) {
    const docker_api::fake::Image image{.command = {"/app"}, .exposed_ports = {"8000/tcp"}, .content = tag};
    engine_->put_in_registry(std::string(k_registry) + "/app:" + tag, image);
    tags_[docker_api::fake::id_of(image).value] = tag;
  }
  write_nginx_conf();
  const lab_tests::WithoutReaping outlives_us;
  const lab_tests::Finished started =
      lab_tests::run({.words = {"/usr/sbin/nginx", "-c", directory_ + "/nginx/nginx.conf"}});
  const bool is_up = lab_tests::wait_until([this] { return lab_tests::find_nginx_master(lab()) != 0; });
  if (started.exit_code != 0 || !is_up) throw std::runtime_error("nginx does not start: " + started.err);
  server_ = std::thread([this] { answer_for_containers(); });
}

FakeHost::~FakeHost() {
  if (const int master = lab_tests::find_nginx_master(lab()); master != 0) {
    ::kill(master, SIGTERM);
    lab_tests::wait_until([master] { return ::kill(master, 0) != 0; });
  }
  ::eventfd_write(stop_, 1);
  server_.join();
  ::close(listening_);
  ::close(stop_);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

lab_tests::Lab FakeHost::lab() const {
  lab_tests::Lab lab;
  lab.directory = directory_;
  lab.docker_host = "unix://" + std::get<docker_api::UnixAddress>(engine_->address()).path;
  lab.registry = k_registry;
  lab.nginx_conf = directory_ + "/nginx/nginx.conf";
  lab.nginx_conf_dir = directory_ + "/nginx/conf.d";
  lab.nginx_pid_file = directory_ + "/nginx/nginx.pid";
  lab.nginx_port = k_nginx_port;
  return lab;
}

void FakeHost::write_nginx_conf() const {
  const std::string nginx = directory_ + "/nginx";
  std::filesystem::create_directories(nginx + "/conf.d");
  std::string http;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    http += "  " + std::string(kind) + "_temp_path " + nginx + "/" + kind + "_temp;\n";
  }
  lab_tests::write_file(nginx + "/nginx.conf", "user nobody nogroup;\nworker_processes 1;\npid " + nginx +
                                                   "/nginx.pid;\nerror_log " + nginx +
                                                   "/error.log;\nevents {}\nhttp {\n  access_log off;\n" +
                                                   http + "  include " + nginx + "/conf.d/*.conf;\n}\n");
}

std::string FakeHost::release_at(const std::string& address) const {
  for (const docker_api::fake::ContainerView& container : engine_->containers()) {
    if (container.state != "running") continue;
    for (const auto& [network, own] : container.addresses) {
      if (own == address) return tags_.at(container.image_id);
    }
  }
  return {};
}

void FakeHost::answer_for_containers() {
  for (;;) {
    pollfd waiting[] = {{.fd = listening_, .events = POLLIN, .revents = 0},
                        {.fd = stop_, .events = POLLIN, .revents = 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const std::string release = release_at(own_address(connection));
    if (!release.empty()) answer(connection, release);
    ::close(connection);
  }
}

}  // namespace halcyon::crash_tests
