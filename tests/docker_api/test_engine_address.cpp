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
      {"", "use unix:///path or tcp://127.0.0.1:port"},
      {"/var/run/docker.sock", "use unix:///path"},
      {"https://127.0.0.1:2376", "use unix:///path"},
      {"npipe:////./pipe/docker_engine", "use unix:///path"},
      {"ssh://root@host", "ssh -L"},
      {"unix://", "absolute path"},
      {"unix://run/docker.sock", "absolute path"},
      {"unix:///" + std::string(107, 'a'), "a path of 108 bytes"},
      {std::string("unix:///a\0b", 11), "goes on after a zero byte"},
      {"tcp://127.0.0.1", "needs a port"},
      {"tcp://127.0.0.1:", "needs a port"},
      {"tcp://127.0.0.1:0", "needs a port"},
      {"tcp://127.0.0.1:65536", "needs a port"},
      {"tcp://127.0.0.1:80/x", "needs a port"},
      {"tcp://[::1]", "needs a port"},
      {"tcp://[::1", "needs a port"},
      {"tcp://::1:2375", "needs brackets"},
      {"tcp://docker.example:2375", "names a host"},
      {"tcp://:2375", "names a host"},
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

TEST(EngineAddressTest, the_longest_possible_socket_path_is_accepted) {
  const std::string path = "/" + std::string(106, 'a');
  EXPECT_EQ(parse_engine_address("unix://" + path), EngineAddress(UnixAddress{path}));
}

}  // namespace
}  // namespace halcyon::docker_api
