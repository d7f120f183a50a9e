// An engine that breaks HTTP: heads, lengths, chunks and statuses that mean harm.
#include "tests/docker_api/hostile_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;

constexpr std::string_view k_ok = "HTTP/1.1 200 OK\r\n";

class HostileHttpTest : public HostileFixture {
 protected:
  void expect_answer_refused(const std::string& bytes, const Expected& expected) {
    SCOPED_TRACE(bytes.substr(0, 100));
    serve_bytes_and_close(bytes);
    expect_refused(get(), expected);
  }
};

TEST_F(HostileHttpTest, a_head_without_end_is_refused_at_64_kib) {
  const Expected too_long{.part = "the head of the answer is longer than 65536 bytes"};
  serve_for_ever(std::string(k_ok), "X-More: 1\r\n");
  expect_refused(get(), too_long);
  serve_for_ever(std::string(k_ok) + "X-More: ", "x");
  expect_refused(get(), too_long);
  serve_for_ever(std::string(k_ok), "x");
  expect_refused(get(), too_long);
  serve_for_ever("HTTP/1.1 200 ", "OK");
  expect_refused(get(), too_long);
  serve_for_ever("HTTP/1.1 500 ", "no");
  expect_refused(get(), too_long);
}

TEST_F(HostileHttpTest, what_never_becomes_a_status_line_is_refused) {
  for (const char* line :
       {"ICY 200 OK", "HTTP/9.9 200 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 -20 OK", "HTTP/1.1 2e1 OK", "HTTP/1.1",
        "HTTP/1.1  200 OK", "\x16\x03\x01\x02 what TLS would say", "{\"message\":\"no\"}"}) {
    expect_answer_refused(std::string(line) + "\r\n\r\n", {.part = "the answer is not HTTP"});
  }
}

TEST_F(HostileHttpTest, a_huge_status_text_within_the_limit_does_no_harm) {
  const std::string text(60'000, 'x');
  serve_bytes("HTTP/1.1 200 " + text + "\r\nContent-Length: 2\r\n\r\nOK");
  EXPECT_EQ(run(engine_->call({.path = "/info"})).body, "OK");
  serve_bytes("HTTP/1.1 500 " + text + "\r\nContent-Length: 0\r\n\r\n");
  expect_refused(get(), {.kind = ErrorKind::refused, .part = "the engine answered 500"});
}

TEST_F(HostileHttpTest, a_status_that_means_nothing_is_no_success) {
  for (const char* status : {"000", "001", "042", "099"}) {
    expect_answer_refused("HTTP/1.1 " + std::string(status) + " Hm\r\nContent-Length: 2\r\n\r\n{}",
                          {.part = std::string("the answer has the status ") + status});
  }
  for (const char* status : {"600", "999"}) {
    expect_answer_refused("HTTP/1.1 " + std::string(status) + " Hm\r\nContent-Length: 2\r\n\r\n{}",
                          {.kind = ErrorKind::refused, .part = std::string("the engine answered ") + status});
  }
}

TEST_F(HostileHttpTest, interim_answers_come_to_an_end) {
  for (const char* interim : {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\nX: y\r\n\r\n",
                              "HTTP/1.1 199 What\r\n\r\n"}) {
    serve_for_ever("", interim);
    expect_refused(get({.head = std::nullopt}), {.part = "one interim answer (1xx) after another"});
  }
}

TEST_F(HostileHttpTest, a_length_that_is_none_or_not_the_only_one_is_refused) {
  for (const char* headers :
       {"Content-Length: -1\r\n", "Content-Length: 0x10\r\n", "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: 18446744073709551616\r\n", "Content-Length: 2 2\r\n", "Content-Length: 2,3\r\n",
        "Content-Length: \r\n", "Content-Length: +2\r\n", "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n"}) {
    expect_answer_refused(std::string(k_ok) + headers + "\r\n{}", {.part = "the answer is not HTTP"});
  }
}

TEST_F(HostileHttpTest, an_announced_length_is_not_allocated_and_what_does_not_come_is_missed) {
  for (const char* length : {"4294967296", "4611686018427387904", "18446744073709551615"}) {
    const HeapMeter meter;
    expect_answer_refused(std::string(k_ok) + "Content-Length: " + length + "\r\n\r\n{}",
                          {.kind = ErrorKind::truncated, .part = "in the middle of the answer"});
    EXPECT_LT(meter.largest_bytes(), k_mib);
  }
}

TEST_F(HostileHttpTest, chunks_that_are_none_are_refused) {
  for (const char* chunk : {"FFFFFFFFFFFFFFFFF\r\n{}", "10000000000000000\r\n{}", "-2\r\n{}\r\n",
                            "x\r\n{}\r\n", "\r\n{}\r\n", "2\r\n{}xxxx\r\n", " 2\r\n{}\r\n"}) {
    expect_answer_refused(std::string(k_ok) + "Transfer-Encoding: chunked\r\n\r\n" + chunk,
                          {.part = "the body of the answer is not HTTP"});
  }
  for (const char* chunk : {"FFFFFFFFFFFFFFFF\r\n{}", "100000000\r\n{}", "2\r\n{}\r\n", "2;=\r\n{}\r\n",
                            "2\r\n{}\r\n0\r\n", "2\r\n{}\r\n0"}) {
    const HeapMeter meter;
    expect_answer_refused(std::string(k_ok) + "Transfer-Encoding: chunked\r\n\r\n" + chunk,
                          {.kind = ErrorKind::truncated, .part = "in the middle of the answer"});
    EXPECT_LT(meter.largest_bytes(), k_mib);
  }
}

TEST_F(HostileHttpTest, a_chunks_head_and_trailers_without_end_are_refused) {
  const std::string head = std::string(k_ok) + "Transfer-Encoding: chunked\r\n\r\n";
  const Expected too_long{.part = "the body of the answer is not HTTP"};
  serve_for_ever(head + "2;", "x");
  expect_refused(get(), too_long);
  serve_for_ever(head, "0");
  expect_refused(get(), too_long);
  serve_for_ever(head + "2\r\n{}\r\n0\r\n", "X-Trailer: 1\r\n");
  expect_refused(get(), too_long);
}

TEST_F(HostileHttpTest, a_body_without_end_is_refused_at_its_limit) {
  // A vector that doubles and a string that doubles, at 32 MiB.
  const Expected too_long{.part = "the answer is longer than 33554432 bytes", .peak_bytes = 100 * k_mib};
  serve_for_ever(std::string(k_ok) + "Transfer-Encoding: chunked\r\n\r\n",
                 test_support::chunk(std::string(4000, 'x')));
  expect_refused(get(), too_long);
  serve_for_ever(std::string(k_ok) + "\r\n", "x");
  expect_refused(get(), too_long);
}

TEST_F(HostileHttpTest, an_error_whose_words_have_no_end_is_the_error_all_the_same) {
  const Expected refused{.kind = ErrorKind::refused, .part = "xxxx", .peak_bytes = 6 * k_mib};
  serve_for_ever("HTTP/1.1 500 No\r\n\r\n", "x");
  expect_refused(get(), refused);
  serve_for_ever("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n",
                 test_support::chunk(std::string(4000, '<')));
  // "No such object" is believed only with its whole text.
  expect_refused(get(), {.part = "longer than", .peak_bytes = 6 * k_mib});
}

TEST_F(HostileHttpTest, redirects_are_never_followed) {
  for (const int status : {300, 301, 302, 303, 307, 308, 399}) {
    serve_bytes_and_close(answer(status, "", "Location: http://169.254.169.254/latest/meta-data\r\n"));
    expect_refused(get(), {.part = "the answer is a redirect"});
  }
  EXPECT_EQ(server_->requests().size(), 2U);
}

TEST_F(HostileHttpTest, another_protocol_unasked_is_refused) {
  serve_bytes_and_close("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{}");
  expect_refused(get(), {.part = "unasked"});
}

TEST_F(HostileHttpTest, an_answer_that_nobody_asked_for_is_given_to_nobody) {
  serve_attack([](Peer& peer) {
    peer.send(answer(200, "first") + answer(200, "smuggled"));
    peer.wait_for_client_to_close();
  });
  EXPECT_EQ(run(engine_->call({.path = "/one"})).body, "first");
  EXPECT_EQ(run(engine_->call({.path = "/two"})).body, "first") << "on a connection of its own";
  EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HostileHttpTest, nul_and_control_bytes_in_a_head_are_refused) {
  using namespace std::string_literals;
  for (const std::string& line : {"X-A: a\0b\r\n"s, "X-\0: a\r\n"s, "X A: b\r\n"s, "X-A : b\r\n"s, ": b\r\n"s,
                                  "X-A\r\n"s, "X-A: a\x01\r\n"s, "X-A: a\nX-B: c\r\n"s, " X-A: b\r\n"s}) {
    expect_answer_refused(std::string(k_ok) + line + "Content-Length: 2\r\n\r\n{}",
                          {.part = "the answer is not HTTP"});
  }
}

TEST_F(HostileHttpTest, a_ping_that_settles_nothing_is_refused) {
  for (const char* version : {"1.41\xff", "99999999999.1", "1.", "v1.41", "", "1.41.1", "-1.41"}) {
    serve_bytes(answer(200, "{}"));
    serve_script(Script([version = std::string(version)](Peer& peer) {
      while (peer.read_request()) {
        if (!peer.send(answer(200, "OK", "Api-Version: " + version + "\r\n"))) return;
      }
    }));
    expect_refused(get(), {.part = "names no Api-Version"});
  }
}

TEST_F(HostileHttpTest, an_engine_that_trickles_is_given_up) {
  // Each byte goes out when the one before it was taken: 64 KiB of head take far longer than the deadline.
  serve_attack([](Peer& peer) { peer.send_bytewise("HTTP/1.1 200 " + std::string(60'000, 'x')); });
  expect_refused(get({.head = k_short}), {.kind = ErrorKind::timeout, .part = "no answer within 50 ms"});
  serve_attack([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.send_bytewise("x")) {
    }
  });
  expect_refused(get({.whole = k_short}),
                 {.kind = ErrorKind::timeout, .part = "did not come to its end within 50 ms"});
  serve_bytes_and_wait("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{");
  expect_refused(get({.idle = k_short}),
                 {.kind = ErrorKind::timeout, .part = "nothing more came within 50 ms"});
  serve_attack([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    peer.send_bytewise(std::string(60'000, 'x'));
  });
  expect_refused(get({.idle = k_short}),
                 {.kind = ErrorKind::timeout, .part = "nothing more came within 50 ms"});
  serve_bytes_and_wait("");
  expect_refused(get({.head = k_short}), {.kind = ErrorKind::timeout, .part = "no answer within 50 ms"});
}

TEST_F(HostileHttpTest, an_error_that_trickles_is_the_error_in_time) {
  serve_attack([](Peer& peer) {
    peer.send("HTTP/1.1 409 Conflict\r\n\r\nname in use");
    while (peer.send_bytewise("!")) {
    }
  });
  expect_refused(get({.whole = k_short}), {.kind = ErrorKind::conflict, .part = "name in use"});
}

}  // namespace
}  // namespace halcyon::docker_api
