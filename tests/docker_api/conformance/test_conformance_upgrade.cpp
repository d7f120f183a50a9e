// Two-way streams over every transport: granted in every form, refused in every form, ended from either side
// first; and not a byte of standard input before the answer's head.
#include "docker_api/container_attach.hpp"
#include "docker_api/error.hpp"
#include "docker_api/exec.hpp"
#include "tests/docker_api/conformance/conformance_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;

const std::string k_upgrade_fields = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";

std::string frame(char stream, const std::string& text) {
  std::string header{stream, 0, 0, 0};
  for (const int shift : {24, 16, 8, 0}) header += static_cast<char>(text.size() >> shift & 0xff);
  return header + text;
}

struct Granted {
  const char* name;
  std::string head;
};
const std::vector<Granted>& grants() {
  static const std::vector<Granted> all{
      {"101", k_upgrade_fields + "\r\n"},
      {"101 with a length", k_upgrade_fields + "Content-Length: 0\r\n\r\n"},
      {"101 with another length", k_upgrade_fields + "Content-Length: 5\r\n\r\n"},
      {"200", "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"},
      {"200 of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n"},
  };
  return all;
}

/// Writes, ends our side, and reads what comes after that.
asio::awaitable<std::string> write_then_read(Engine& engine) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"));
  std::string heard = co_await stream.write("question") ? "" : "(nobody reads) ";
  co_await stream.end_writing();
  while (const auto piece = co_await stream.next()) heard += piece->bytes;
  co_return heard;
}

/// Reads to the end, then writes all the same.
asio::awaitable<std::string> read_then_write(Engine& engine) {
  ProcessStream stream = co_await start_exec(engine, ExecId("e1"));
  std::string heard;
  while (const auto piece = co_await stream.next()) heard += piece->bytes;
  const bool taken = co_await stream.write("an afterthought");
  co_await stream.end_writing();
  co_return heard + (taken ? ", taken" : ", not taken");
}

class ConformanceUpgrade : public ConformanceFixture {
 protected:
  asio::awaitable<void> answer_after_input(WireConnection& connection, std::string head) {
    // As long as the client has no head, there must be nothing to read.
    for (int i = 0; i < 50; ++i) {
      co_await connection.taken();
      early_ = early_ || connection.has_unread();
    }
    co_await connection.send(head + frame(1, "first "));
    input_ = co_await connection.read_to_end();
    co_await connection.send(frame(1, "second ") + frame(2, "third"));
    co_await connection.end();
  }
  asio::awaitable<void> end_before_input(WireConnection& connection, std::string head) {
    co_await connection.send(head + frame(1, "all there is"));
    co_await connection.end();
    input_ = co_await connection.read_to_end();
  }
  asio::awaitable<void> refuse(WireConnection& connection, std::string bytes, bool ends) {
    co_await connection.send(std::move(bytes));
    if (ends) co_await connection.end();
    input_ = co_await connection.read_to_end();
  }

  std::string input_;
  bool early_ = false;
};

TEST_P(ConformanceUpgrade, the_client_ends_its_side_first_and_hears_the_rest) {
  meet("1.41");
  for (const Granted& grant : grants()) {
    SCOPED_TRACE(grant.name);
    reply([&](WireConnection& connection) { return answer_after_input(connection, grant.head); });
    EXPECT_EQ(outcome_of(write_then_read(*engine_)).text, "first second third");
    EXPECT_EQ(input_, "question");
    EXPECT_FALSE(early_) << "standard input was on the wire before the head had come";
  }
}

TEST_P(ConformanceUpgrade, the_engine_ends_its_side_first_and_still_takes_input) {
  meet("1.41");
  for (const Granted& grant : grants()) {
    SCOPED_TRACE(grant.name);
    input_.clear();
    reply([&](WireConnection& connection) { return end_before_input(connection, grant.head); });
    EXPECT_EQ(outcome_of(read_then_write(*engine_)).text, "all there is, taken");
    while (input_.empty()) step();
    EXPECT_EQ(input_, "an afterthought");
  }
}

TEST_P(ConformanceUpgrade, a_refusal_is_the_engines_own_words_and_input_stays_unsent) {
  struct Refusal {
    std::string bytes;
    bool ends;
    ErrorKind kind;
    std::string words;
  };
  const std::vector<Refusal> refusals{
      {"HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: "
       "x\r\n",
       true, ErrorKind::not_found, "No such container: x"},
      {test_support::answer(409, R"({"message":"container is paused"})"), false, ErrorKind::conflict,
       "container is paused"},
      {test_support::answer(502, "<html><body><h1>502 Bad Gateway</h1></body></html>"), false,
       ErrorKind::refused, "502 Bad Gateway"},
      {"HTTP/1.0 403 Forbidden\r\nConnection: close\r\n\r\n<html>Request forbidden</html>", true,
       ErrorKind::unauthorized, "Request forbidden"},
      {test_support::answer(301, "", "Location: /v1.41/exec/e1/start/\r\n"), false, ErrorKind::protocol, ""},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.bytes);
    meet("1.41");
    reply([&](WireConnection& connection) { return refuse(connection, refusal.bytes, refusal.ends); });
    const Outcome outcome = outcome_of(write_then_read(*engine_));
    EXPECT_EQ(outcome.error, refusal.kind) << outcome.text;
    EXPECT_NE(outcome.text.find(refusal.words), std::string::npos) << outcome.text;
    EXPECT_EQ(input_, "");
  }
}

TEST_P(ConformanceUpgrade, frames_in_one_segment_with_the_head_are_heard_wherever_the_segment_is_cut) {
  meet("1.41");
  const std::string bytes = k_upgrade_fields + "\r\n" + frame(1, "one") + frame(2, "two") + frame(1, "three");
  for (std::size_t cut = k_upgrade_fields.size() - 4; cut <= bytes.size(); ++cut) {
    reply([&](WireConnection& connection) { return send_pieces(connection, bytes, {cut}, true); });
    ASSERT_EQ(outcome_of(write_then_read(*engine_)).text, "onetwothree") << "cut at " << cut;
  }
}

asio::awaitable<std::string> run_with_input(Engine& engine, std::string input) {
  const ExecOutput output =
      co_await run_exec(engine, ContainerId("web"), {.command = {"cat"}}, {.stdin_text = std::move(input)});
  co_return std::to_string(output.stdout_text.size()) + " " + std::to_string(output.exit_code);
}

asio::awaitable<void> play_cat(WireConnection& connection) {
  const std::string& target = connection.request().target;
  if (target.ends_with("/exec")) {
    co_await connection.send(test_support::answer(201, R"({"Id":"e1"})"));
  } else if (target.ends_with("/json")) {
    co_await connection.send(test_support::answer(200, R"({"Running":false,"ExitCode":0})"));
  } else {
    co_await connection.send(k_upgrade_fields + "\r\n");
    // Much input and much output at once: neither side may wait for the other to finish.
    for (std::string piece = co_await connection.read_at_least(1); !piece.empty();
         piece = co_await connection.read_at_least(1)) {
      co_await connection.send(frame(1, piece));
    }
    co_await connection.end();
  }
}

TEST_P(ConformanceUpgrade, much_input_and_much_output_pass_each_other) {
  meet("1.41");
  reply(play_cat);
  EXPECT_EQ(outcome_of(run_with_input(*engine_, std::string(3'000'000, 'i'))).text, "3000000 0");
}

HALCYON_ON_EVERY_WIRE(ConformanceUpgrade);

}  // namespace
}  // namespace halcyon::docker_api
