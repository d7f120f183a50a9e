// What is counted while traffic moves: connections of a container, requests in the access log.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "orchestrator/access_log.hpp"
#include "orchestrator/socket_count.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::orchestrator {
namespace {

constexpr std::string_view k_table =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 "
    "0 10 0\n"
    "   1: 1007C90A:1F40 0107C90A:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 "
    "30 10 -1\n"
    "   2: 1007C90A:1F40 0107C90A:D432 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 "
    "30 10 -1\n"
    "   3: 1007C90A:1F40 0107C90A:D433 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0\n"
    "   4: 1007C90A:A2F4 0207C90A:1F40 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 "
    "30 10 -1\n";

TEST(SocketCount, counts_established_connections_to_the_port_and_nothing_else) {
  EXPECT_EQ(count_established(k_table, 8000), 2U)
      << "not the listener, TIME_WAIT, or its own connection to port 8000";
  EXPECT_EQ(count_established(k_table, 80), 0U);
  EXPECT_EQ(count_established("", 8000), 0U);
}

TEST(SocketCount, a_cut_or_garbled_table_never_crashes) {
  for (std::size_t length = 0; length < k_table.size(); ++length) {
    EXPECT_LE(count_established(k_table.substr(0, length), 8000), 2U);
  }
  EXPECT_EQ(count_established("a b c d\n: : : :\n\n", 8000), 0U);
}

TEST(SocketCount, sees_a_real_connection_come_and_go) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_EQ(count_connections(::getpid(), port), 0U);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(count_connections(::getpid(), port), 1U);
  ::close(client);
  ::close(listener);
}

TEST(SocketCount, a_process_that_is_gone_cannot_be_counted) {
  EXPECT_EQ(count_connections(0, 80), std::nullopt);
  EXPECT_EQ(count_connections(0x7ffffffe, 80), std::nullopt);
}

std::string line(const std::string& status, const std::string& upstream_status,
                 const std::string& completion) {
  return "1763632800.123\t" + status + "\t0.001\t10.201.7.16:8000\t" + upstream_status + "\t" + completion +
         "\t120\tGET\tshop.example.com\t/\n";
}

TEST(AccessLog, what_the_application_answers_is_not_a_failure_of_the_switch) {
  const RequestCount count = count_requests(line("200", "200", "OK") + line("404", "404", "OK") +
                                            line("500", "500", "OK") + line("503", "503", "OK"));
  EXPECT_EQ(count.total, 4U);
  EXPECT_EQ(count.failed, 0U);
}

TEST(AccessLog, what_nginx_could_not_do_is_one) {
  EXPECT_EQ(count_requests(line("502", "502", "OK")).failed, 1U) << "no connection to the upstream";
  EXPECT_EQ(count_requests(line("504", "504", "OK")).failed, 1U) << "the upstream did not answer in time";
  EXPECT_EQ(count_requests(line("502", "-", "OK")).failed, 1U);
  EXPECT_EQ(count_requests(line("200", "200", "")).failed, 1U) << "the answer was cut";
}

TEST(AccessLog, a_client_that_went_away_is_not_one) {
  EXPECT_EQ(count_requests(line("499", "-", "")).failed, 0U);
}

TEST(AccessLog, a_second_attempt_that_was_answered_is_not_one) {
  EXPECT_EQ(count_requests(line("200", "504 : 200", "OK")).failed, 0U);
}

TEST(AccessLog, an_unfinished_last_line_is_left_for_the_next_time) {
  const std::string whole = line("200", "200", "OK");
  EXPECT_EQ(count_requests(whole + whole.substr(0, 20)).total, 1U);
}

TEST(AccessLog, is_counted_from_an_offset_and_not_at_all_once_it_was_rotated) {
  const halcyon::testing::TemporaryDirectory directory;
  const std::string path = directory / "access.log";
  EXPECT_EQ(access_log_size(path), 0U);
  EXPECT_EQ(count_requests_since(path, 0), std::nullopt);
  halcyon::testing::write_text(path, line("200", "200", "OK"));
  const std::uint64_t offset = access_log_size(path);
  halcyon::testing::write_text(path, line("200", "200", "OK") + line("502", "502", "OK"));
  EXPECT_EQ(count_requests_since(path, offset)->total, 1U);
  EXPECT_EQ(count_requests_since(path, offset)->failed, 1U);
  halcyon::testing::write_text(path, "");
  EXPECT_EQ(count_requests_since(path, offset), std::nullopt);
}

TEST(AccessLog, lines_longer_than_one_read_are_put_together) {
  const halcyon::testing::TemporaryDirectory directory;
  const std::string path = directory / "access.log";
  std::string text;
  for (int count = 0; count < 5000; ++count) text += line("200", "200", "OK");
  halcyon::testing::write_text(path, text);
  EXPECT_EQ(count_requests_since(path, 0)->total, 5000U);
}

}  // namespace
}  // namespace halcyon::orchestrator
