// Every recorded answer over every transport: split anywhere, byte by byte, followed at once by something
// else, cut short anywhere. The call must make the same of it, or say that it did not come to its end.
#include "docker_api/error.hpp"
#include "tests/docker_api/conformance/conformance_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;

class Conformance : public ConformanceFixture {
 protected:
  /// How many cuts of an answer this transport can afford if each costs a connection, over ssh a process. A
  /// small answer is cut at every byte on all others.
  static std::size_t affordable_cuts(std::size_t size) {
    constexpr std::size_t k_small_answer_bytes = 110;
    const bool is_small = size <= k_small_answer_bytes;
    switch (GetParam()) {
      case Wire::unix_socket:
      case Wire::tcp:
        return is_small ? size : 40;
      case Wire::tls12:
      case Wire::tls13:
        return is_small ? size : 10;
      case Wire::ssh:
        return is_small ? 16 : 4;
    }
    return size;
  }
};

TEST_P(Conformance, a_whole_answer_is_understood) {
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    meet(answer.version);
    const Outcome outcome = whole(answer, read_answer(answer));
    EXPECT_TRUE(outcome.text.starts_with(answer.result)) << outcome.text;
  }
}

TEST_P(Conformance, an_answer_split_anywhere_gives_the_same) {
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    const bool ends = answer.ends != Ends::framed;
    const std::size_t before = peer_->connections();
    const std::size_t most = ends ? affordable_cuts(bytes.size()) : GetParam() == Wire::unix_socket ? 60 : 20;
    for (const std::size_t cut : choose_cuts(bytes.size(), head_bytes(bytes), most)) {
      reply([&](WireConnection& connection) { return send_pieces(connection, bytes, {cut}, ends); });
      const Outcome outcome = outcome_of(answer.call(*engine_));
      ASSERT_EQ(outcome, expected) << "split at " << cut;
    }
    const bool closes = ends || bytes.find("Connection: close") != std::string::npos;
    if (!closes && !expected.error) EXPECT_LE(peer_->connections() - before, 1U) << "kept connections";
  }
}

TEST_P(Conformance, an_answer_may_come_byte_by_byte) {
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    if (bytes.size() > (is_tls(GetParam()) ? 320 : 1'000) && !is_full_run()) continue;
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    std::vector<std::size_t> cuts;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) cuts.push_back(cut);
    const bool ends = answer.ends != Ends::framed;
    reply([&](WireConnection& connection) { return send_pieces(connection, bytes, cuts, ends); });
    EXPECT_EQ(outcome_of(answer.call(*engine_)), expected);
  }
}

TEST_P(Conformance, an_answer_with_another_behind_it_gives_the_same_and_the_other_one_never_meets_a_call) {
  const std::string intruder = test_support::answer(200, "poisoned");
  for (const Answer& answer : answers()) {
    if (answer.ends != Ends::framed) continue;
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    reply([&](WireConnection& connection) { return send_pieces(connection, bytes + intruder, {}, false); });
    EXPECT_EQ(outcome_of(answer.call(*engine_)), expected);
    // The next call finds its own answer, on a connection of its own.
    EXPECT_EQ(whole(answer, bytes), expected);
  }
}

TEST_P(Conformance, an_answer_cut_anywhere_is_an_error_unless_it_is_complete) {
  for (const Answer& answer : answers()) {
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    for (const std::size_t cut :
         choose_cuts(bytes.size(), head_bytes(bytes), affordable_cuts(bytes.size()))) {
      reply([&](WireConnection& connection) { return send_cut(connection, bytes, cut); });
      const Outcome outcome = outcome_of(answer.call(*engine_));
      if (is_complete(answer, bytes, cut) && (!expected.error || answer.ends == Ends::frames)) {
        EXPECT_EQ(outcome.error, std::nullopt) << "cut at " << cut << ": " << outcome.text;
        continue;
      }
      ASSERT_TRUE(outcome.error) << "cut at " << cut << ": " << outcome.text;
      // The status, or the engine's own error, is the news as soon as it is there.
      const bool is_told = outcome.error == expected.error && cut >= head_bytes(bytes);
      EXPECT_TRUE(outcome.error == ErrorKind::truncated || is_told)
          << "cut at " << cut << ": " << outcome.text;
    }
  }
}

/// The records that TLS makes of an answer are cut like any other bytes.
class TlsRecords : public Conformance {};

asio::awaitable<void> send_records_split(WireConnection& connection, std::string bytes, std::size_t cut) {
  const std::string records = connection.encode(bytes);
  co_await connection.send_encoded(records.substr(0, cut));
  co_await connection.taken();
  co_await connection.send_encoded(records.substr(std::min(cut, records.size())));
}

asio::awaitable<void> send_records_cut(WireConnection& connection, std::string bytes, std::size_t cut) {
  co_await connection.send_encoded(connection.encode(bytes).substr(0, cut));
  co_await connection.taken();
  connection.close();  // no close_notify
}

TEST_P(TlsRecords, split_anywhere_give_the_same) {
  const Answer& answer = answers().at(4);
  const std::string bytes = read_answer(answer);
  meet(answer.version);
  const Outcome expected = whole(answer, bytes);
  ASSERT_EQ(expected.error, std::nullopt);
  for (std::size_t cut = 0; cut < bytes.size() + 40; cut += is_full_run() ? 1 : 2) {
    reply([&](WireConnection& connection) { return send_records_split(connection, bytes, cut); });
    ASSERT_EQ(outcome_of(answer.call(*engine_)), expected) << "split at " << cut;
  }
  EXPECT_EQ(peer_->connections(), 1U);
}

TEST_P(TlsRecords, without_close_notify_no_cut_is_the_end_of_a_body) {
  for (const Answer& answer : answers()) {
    if (answer.ends == Ends::framed) continue;
    SCOPED_TRACE(answer.name);
    const std::string bytes = read_answer(answer);
    meet(answer.version);
    const Outcome expected = whole(answer, bytes);
    for (std::size_t cut = 1; cut < bytes.size() + 60; cut += is_full_run() ? 1 : 17) {
      reply([&](WireConnection& connection) { return send_records_cut(connection, bytes, cut); });
      const Outcome outcome = outcome_of(answer.call(*engine_));
      ASSERT_TRUE(outcome.error) << "cut at " << cut << ": " << outcome.text;
      EXPECT_TRUE(outcome.error == ErrorKind::truncated || outcome.error == expected.error) << outcome.text;
    }
  }
}

TEST_P(TlsRecords, a_handshake_cut_anywhere_is_no_connection) {
  const Answer& answer = answers().at(1);
  const std::string bytes = read_answer(answer);
  reply([&](WireConnection& connection) { return send_pieces(connection, bytes, {}, false); });
  bool connected = false;
  for (std::size_t limit = 0; !connected; limit += is_full_run() ? 1 : 41) {
    make_client();
    peer_->on_connect = [limit](WireConnection& connection) { connection.limit_output(limit, true); };
    const Outcome outcome = outcome_of(answer.call(*engine_));
    connected = !outcome.error;
    if (connected) continue;
    EXPECT_TRUE(outcome.error == ErrorKind::unreachable || outcome.error == ErrorKind::truncated)
        << "cut at " << limit << ": " << outcome.text;
    ASSERT_LT(limit, 20'000U);
  }
}

HALCYON_ON_EVERY_WIRE(Conformance);
INSTANTIATE_TEST_SUITE_P(wires, TlsRecords, ::testing::Values(Wire::tls12, Wire::tls13), wire_name);

}  // namespace
}  // namespace halcyon::docker_api
