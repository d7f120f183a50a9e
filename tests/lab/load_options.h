// What the load generator was asked to do.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace halcyon::lab {

struct LoadOptions {
  boost::asio::ip::tcp::endpoint target;
  std::string host;  // the Host header; the address of the target when not given

  unsigned keepalive_clients = 0;
  std::chrono::milliseconds think_min{0};
  std::chrono::milliseconds think_max{20};
  unsigned websockets = 0;

  // Requests a second, each at its own fixed moment whatever happened to those before.
  double fresh_rate = 0;
  double post_rate = 0;
  double slow_rate = 0;
  double upload_rate = 0;
  std::chrono::milliseconds slow_duration{300};
  std::uint64_t slow_bytes = 20'000;
  std::chrono::milliseconds upload_duration{300};

  std::optional<std::chrono::milliseconds> duration;
  bool until_stdin_closes = false;
  std::chrono::milliseconds timeout{30'000};  // of one request
  std::uint64_t seed = 1;

  std::string expected_header = "X-Release";
  std::vector<std::string> expected_values;  // empty: any

  std::string report_file;
  std::string posts_file;
  std::string record_lost_file;
  bool shows_progress = false;
};

struct CheckPostsOptions {
  std::string sent_file;
  std::vector<std::string> logged_files;  // "-" is the standard input
};

struct CommandLine {
  LoadOptions load;
  std::optional<CheckPostsOptions> check_posts;
};

// Errors: std::invalid_argument with a text for people. Empty when only help was asked for, and printed.
std::optional<CommandLine> parse_command_line(int count, const char* const* arguments);

}  // namespace halcyon::lab
