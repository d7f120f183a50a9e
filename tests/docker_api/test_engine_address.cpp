#include "docker_api/engine_address.hpp"

#include <gtest/gtest.h>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

TEST(EngineAddressTest, good_addresses_are_read_and_written_back) {
  struct Row {
    std::string text;
    EngineAddress address;
    std::string written;
  };
  const Row rows[] = {
      {"unix:///var/run/docker.sock", UnixAddress{"/var/run/docker.sock"}, "unix:///var/run/docker.sock"},
      {"tcp://127.0.0.1:2375", TcpAddress{"127.0.0.1", 2375}, "tcp://127.0.0.1:2375"},
      {"tcp://127.9.8.7:1", TcpAddress{"127.9.8.7", 1}, "tcp://127.9.8.7:1"},
      {"tcp://localhost:65535", TcpAddress{"127.0.0.1", 65535}, "tcp://127.0.0.1:65535"},
      {"tcp://[::1]:2375", TcpAddress{"::1", 2375}, "tcp://[::1]:2375"},
      {"tcp://127.0.0.1", TcpAddress{"127.0.0.1", 2375}, "tcp://127.0.0.1:2375"},
      {"unix://run/docker.sock", UnixAddress{"run/docker.sock"}, "unix://run/docker.sock"},
      {"tcp://127.0.0.1:2375/", TcpAddress{"127.0.0.1", 2375}, "tcp://127.0.0.1:2375"},
      {"tcp://127.0.0.1:2375/a/docker-1/", TcpAddress{"127.0.0.1", 2375, {}, "/a/docker-1"},
       "tcp://127.0.0.1:2375/a/docker-1"},
      {"ssh://host", SshAddress{.host = "host"}, "ssh://host"},
      {"ssh://root@10.0.0.5:2222", SshAddress{"root", "10.0.0.5", 2222, ""}, "ssh://root@10.0.0.5:2222"},
      {"ssh://me@host/run/user/1000/docker.sock", SshAddress{"me", "host", 0, "/run/user/1000/docker.sock"},
       "ssh://me@host/run/user/1000/docker.sock"},
      {"ssh://[fe80::1]:22/", SshAddress{.host = "fe80::1", .port = 22}, "ssh://[fe80::1]:22"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(parse_engine_address(row.text), row.address) << row.text;
    EXPECT_EQ(to_string(parse_engine_address(row.text)), row.written);
  }
  EXPECT_EQ(to_string(parse_engine_address(k_default_engine_address)), k_default_engine_address);
}

TEST(EngineAddressTest, bad_addresses_are_refused_with_the_reason) {
  struct Row {
    std::string text;
    std::string reason;
  };
  const Row rows[] = {
      {"", "use unix:///path, tcp://HOST:PORT or ssh://USER@HOST"},
      {"/var/run/docker.sock", "use unix:///path"},
      {"https://127.0.0.1:2376", "use unix:///path"},
      {"npipe:////./pipe/docker_engine", "use unix:///path"},
      {"ssh://", "names no host"},
      {"ssh://root:secret@host", "has a password"},
      {"ssh://-oProxyCommand=x@host", "has a user with characters"},
      {"ssh://a b@host", "has a user with characters"},
      {"ssh://-oProxyCommand=x", "names no host"},
      {"ssh://host;reboot", "names no host"},
      {"ssh://host?x=1", "has a query"},
      {"ssh://host#x", "has a query or a fragment"},
      {"ssh://host:0", "needs a port"},
      {"ssh://host/run/$(reboot)", "has a path with characters"},
      {"unix://", "needs a path"},
      {"unix:///" + std::string(107, 'a'), "a path of 108 bytes"},
      {std::string("unix:///a\0b", 11), "goes on after a zero byte"},
      {"tcp://127.0.0.1:", "needs a port"},
      {"tcp://127.0.0.1:0", "needs a port"},
      {"tcp://127.0.0.1:65536", "needs a port"},
      {"tcp://127.0.0.1:80/a//b", "has a path that is none"},
      {"tcp://127.0.0.1:80/../x", "has a path that is none"},
      {"tcp://127.0.0.1:80/x?y=1", "has a path that is none"},
      {"tcp://127.0.0.1:80/x y", "has a path that is none"},
      {"tcp://[::1", "a bracket that is not closed"},
      {"tcp://[::1]x", "goes on after the host"},
      {"tcp://[host]:1", "no IPv6 address"},
      {"tcp://::1:2375", "needs brackets"},
      {"tcp://docker.example:2375", "is not loopback"},
      {"tcp://:2375", "names no host"},
      {"tcp:///b:2375", "names no host"},
      {"tcp://10.0.0.1:2375", "is not loopback"},
      {"tcp://0.0.0.0:2375", "is not loopback"},
      {"tcp://[fe80::1]:2375", "is not loopback"},
      {"tcp://[::ffff:10.0.0.1]:2375", "is not loopback"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    expect_error([&] { parse_engine_address(row.text); }, ErrorKind::invalid_argument, row.reason);
  }
}

TEST(EngineAddressTest, a_password_in_an_address_is_not_repeated) {
  for (const char* text : {"ssh://root:secret@host", "ssh://root:secret@host?x", "ssh://root:secret@a/b@c#d",
                           "tcp://root:secret@10.0.0.1", "https://root:secret@host", "root:secret@host"}) {
    const Error error = expect_error([&] { parse_engine_address(text); });
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
  }
}

TEST(EngineAddressTest, with_tls_any_host_will_do_and_the_port_is_another) {
  const AddressRules rules{.tls = TlsSettings{.ca_file = "/ca.pem"}};
  EXPECT_EQ(parse_engine_address("tcp://docker.example", rules),
            EngineAddress(TcpAddress{"docker.example", 2376, rules.tls}));
  // The certificate is for a name, so the name stays.
  EXPECT_EQ(parse_engine_address("tcp://localhost:1", rules),
            EngineAddress(TcpAddress{"localhost", 1, rules.tls}));
}

TEST(EngineAddressTest, plain_tcp_goes_elsewhere_only_if_that_is_asked_for) {
  EXPECT_EQ(parse_engine_address("tcp://10.0.0.1", {.plain_tcp_anywhere = true}),
            EngineAddress(TcpAddress{"10.0.0.1", 2375}));
  for (const std::string_view other : {"tcp://10.0.0.1", "tcp://docker:2375"}) {
    EXPECT_TRUE(is_open_to_others(parse_engine_address(other, {.plain_tcp_anywhere = true}))) << other;
    EXPECT_FALSE(is_open_to_others(parse_engine_address(other, {.tls = TlsSettings{}}))) << other;
  }
  for (const std::string_view own :
       {"tcp://127.0.0.9", "tcp://localhost", "tcp://[::1]", "unix:///a", "ssh://h"}) {
    EXPECT_FALSE(is_open_to_others(parse_engine_address(own))) << own;
  }
}

TEST(EngineAddressTest, the_longest_possible_socket_path_is_accepted) {
  const std::string path = "/" + std::string(106, 'a');
  EXPECT_EQ(parse_engine_address("unix://" + path), EngineAddress(UnixAddress{path}));
}

TEST(EngineAddressTest, the_host_header_names_a_host_where_there_is_one) {
  EXPECT_EQ(host_header(TcpAddress{.host = "build.example", .port = 2376}), "build.example:2376");
  EXPECT_EQ(host_header(TcpAddress{.host = "::1", .port = 2375}), "[::1]:2375");
  EXPECT_EQ(host_header(UnixAddress{"/run/docker.sock"}), "localhost");
}

}  // namespace
}  // namespace halcyon::docker_api
