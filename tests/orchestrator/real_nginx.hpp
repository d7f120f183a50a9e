// The machine's own nginx under a prefix of its own, on loopback ports of its own, ended by its process id.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "orchestrator/nginx_files.hpp"

namespace halcyon::orchestrator {

inline constexpr const char* k_nginx_program = "/usr/sbin/nginx";

/// A port nobody listens on at any loopback address.
inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t length = sizeof address;
  const bool good = ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(fd);
  return good ? ntohs(address.sin_port) : std::uint16_t{0};
}

struct Answer {
  std::string head;
  std::string body;
  /// The value of a header as sent; empty if absent.
  std::string header(const std::string& name) const {
    const std::size_t begin = head.find("\r\n" + name + ": ");
    if (begin == std::string::npos) return {};
    const std::size_t value = begin + name.size() + 4;
    return head.substr(value, head.find("\r\n", value) - value);
  }
  int status() const { return head.size() > 12 ? std::atoi(head.c_str() + 9) : 0; }
};

class RealNginx : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access(k_nginx_program, X_OK) != 0) GTEST_SKIP() << "there is no " << k_nginx_program;
    char path[] = "/tmp/halcyon-nginx-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    prefix_ = path;
    for (const char* directory : {"", "/gate", "/gate/slots", "/logs"}) {
      std::filesystem::create_directories(prefix_ + directory);
      ::chmod((prefix_ + directory).c_str(), 0755);  // workers run as www-data
    }
    front_port_ = free_port();
    back_port_ = free_port();
  }

  void TearDown() override {
    stop();
    if (!prefix_.empty()) std::filesystem::remove_all(prefix_);
  }

  /// An application "shop" with the service web at 127.0.0.2 (blue) and 127.0.0.3 (green).
  NginxDeclaration declaration() const {
    NginxDeclaration made{.app = *Name::parse("shop"),
                          .environment = *Name::parse("production"),
                          .domain = "shop.example.com",
                          .settings = {},
                          .gate_directory = prefix_ + "/gate",
                          .access_log = prefix_ + "/logs/access.log",
                          .probe_token = "0123456789abcdef0123456789abcdef",
                          .services = {}};
    made.settings.listen = "127.0.0.1:" + std::to_string(front_port_);
    made.services.push_back({.name = *Name::parse("web"),
                             .routes = {"/"},
                             .blue = {{"127.0.0.2"}, back_port_},
                             .green = {{"127.0.0.3"}, back_port_}});
    return made;
  }

  /// Writes the rendered files; `server` is the team's own block in include mode, `applications` answer on
  /// back_port_.
  void write_files(const NginxDeclaration& declared, const std::string& server,
                   const std::string& applications) {
    for (const NginxFile& file : render_nginx_files(declared))
      std::ofstream(prefix_ + "/gate/" + file.name) << file.content;
    const bool is_managed = declared.settings.mode == NginxMode::managed;
    std::ofstream(prefix_ + "/nginx.conf")
        << (::geteuid() == 0 ? "user www-data;\n" : "") << "worker_processes 1;\npid " << prefix_
        << "/nginx.pid;\n"
        << "error_log " << prefix_ << "/logs/error.log;\nevents {}\nhttp {\naccess_log off;\n"
        << "client_body_temp_path " << prefix_ << "/body;\nproxy_temp_path " << prefix_ << "/proxy;\n"
        << "fastcgi_temp_path " << prefix_ << "/fastcgi;\nuwsgi_temp_path " << prefix_ << "/uwsgi;\n"
        << "scgi_temp_path " << prefix_ << "/scgi;\ninclude " << prefix_ << "/gate/"
        << (is_managed ? "managed" : "http") << ".conf;\n"
        << server << applications << "}\n";
  }

  /// A team's own server block with our includes and a header of its own.
  std::string team_server() const {
    return "server {\nlisten 127.0.0.1:" + std::to_string(front_port_) +
           ";\nadd_header Strict-Transport-Security max-age=1;\ninclude " + prefix_ +
           "/gate/server.conf;\nlocation / { include " + prefix_ + "/gate/location_web.conf; }\n}\n";
  }

  /// An application that says who it is and what reached it.
  std::string echo_application(const std::vector<std::string>& addresses,
                               const std::string& more = "") const {
    std::string text = "server {\n";
    for (const std::string& address : addresses)
      text += "listen " + address + ":" + std::to_string(back_port_) + ";\n";
    return text + more +
           "location / { return 200 \"at=$server_addr host=$http_host upgrade=$http_upgrade "
           "connection=$http_connection probe=$http_x_halcyon_probe uri=$request_uri "
           "kept=$connection_requests\"; }\n}\n";
  }

  /// What `nginx -t` says; empty if it is content.
  std::string test_configuration() {
    const int status = wait_for(spawn({"-t", "-q"}, prefix_ + "/said"));
    return status == 0 ? std::string() : read_text("/said") + " (exit " + std::to_string(status) + ")";
  }

  void start() {
    pid_ = spawn({"-g", "daemon off;"}, prefix_ + "/said");
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < give_up) {
      if (const int fd = connect_to_front(); fd >= 0) {
        ::close(fd);
        return;
      }
      ASSERT_EQ(::waitpid(pid_, nullptr, WNOHANG), 0) << read_text("/said") << read_text("/logs/error.log");
      ::poll(nullptr, 0, 2);
    }
    FAIL() << "nginx does not listen: " << read_text("/logs/error.log");
  }

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    wait_for(pid_);
    pid_ = 0;
  }

  /// One request on a connection of its own.
  Answer get(const std::string& path, const std::vector<std::string>& headers = {}) {
    std::string request = "GET " + path + " HTTP/1.1\r\nConnection: close\r\n";
    bool has_host = false;
    for (const std::string& header : headers) {
      request += header + "\r\n";
      has_host = has_host || header.starts_with("Host:");
    }
    if (!has_host) request += "Host: shop.example.com\r\n";
    return exchange(request + "\r\n");
  }

  Answer probe(const std::string& path = "/") {
    return get(path, {"X-Halcyon-Probe: 0123456789abcdef0123456789abcdef"});
  }

  Answer exchange(const std::string& request) {
    const int fd = connect_to_front();
    send_all(fd, request);
    return receive_answer(fd);
  }

  /// Sends a head that expects 100-continue, and the body when nginx has asked for it and `between` was
  /// called.
  template <class Between>
  Answer exchange_in_two(const std::string& head, Between between, const std::string& body) {
    const int fd = connect_to_front();
    send_all(fd, head);
    const std::string asked = "HTTP/1.1 100 Continue\r\n\r\n";
    std::string said(asked.size(), '\0');
    EXPECT_EQ(::recv(fd, said.data(), said.size(), MSG_WAITALL), static_cast<ssize_t>(said.size()));
    EXPECT_EQ(said, asked);
    between();
    send_all(fd, body);
    return receive_answer(fd);
  }

  std::string read_text(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(prefix_ + file).rdbuf();
    return text.str();
  }

  void touch(const std::string& file) const { std::ofstream(prefix_ + file).put('\n'); }
  void remove(const std::string& file) const { std::filesystem::remove(prefix_ + file); }

  std::string prefix_;
  std::uint16_t front_port_ = 0;
  std::uint16_t back_port_ = 0;

 private:
  pid_t spawn(std::vector<std::string> arguments, const std::string& output) {
    arguments.insert(arguments.begin(), {k_nginx_program, "-p", prefix_, "-c", prefix_ + "/nginx.conf"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawn(&pid, k_nginx_program, &actions, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
  }

  static int wait_for(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }

  static void send_all(int fd, const std::string& text) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

  static Answer receive_answer(int fd) {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    ::close(fd);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return {text, ""};
    return {text.substr(0, end + 2), text.substr(end + 4)};
  }

  int connect_to_front() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(front_port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
  }

  pid_t pid_ = 0;
};

}  // namespace halcyon::orchestrator
