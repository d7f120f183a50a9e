#include "docker_api/log_follower.hpp"

#include <fmt/format.h>

#include "docker_api/log_messages.hpp"
#include "tests/docker_api/engine_fixture.hpp"
#include "tests/docker_api/stream_frame.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test_support::answer;
using test_support::chunk;
using test_support::k_chunked_head;
using test_support::Script;
using test_support::ScriptedPeer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;

const FollowLogOptions k_quick{.tty = false, .first_pause = 1ms, .longest_pause = 2ms};

/// The time stamp of a message `milliseconds` after 2026-11-25T10:00:00.
std::string stamp(int milliseconds) {
  return fmt::format("2026-11-25T10:00:{:02}.{:03}000000Z ", milliseconds / 1000, milliseconds % 1000);
}

std::string frame_chunk(char stream, const std::string& text) { return chunk(frame(stream, text)); }
std::string out(int at, const std::string& text) { return frame_chunk(1, stamp(at) + text + "\n"); }
std::string err(int at, const std::string& text) { return frame_chunk(2, stamp(at) + text + "\n"); }

std::string state(const std::string& word) {
  return answer(200, R"({"Id":"1","State":{"Status":")" + word + R"("}})");
}
const std::string k_last_chunk = "0\r\n\r\n";

/// Plays one part for each request of the log, and answers inspects with one state after the other.
class LogServer {
 public:
  LogServer(std::vector<std::string> parts, std::vector<std::string> states)
      : parts_(std::move(parts)), states_(std::move(states)) {}

  void play(ScriptedPeer& peer) {
    while (peer.read_request()) {
      const SeenRequest& request = peer.request();
      if (request.target == "/_ping") {
        peer.send(test_support::pong());
      } else if (request.target.find("/logs?") == std::string::npos) {
        peer.send(take(states_));
      } else {
        const std::string part = take(parts_);
        peer.send(part.starts_with("HTTP/") ? part : std::string(k_chunked_head) + part);
        if (!part.ends_with(k_last_chunk)) return;
      }
    }
  }

 private:
  std::string take(std::vector<std::string>& answers) {
    const std::lock_guard lock(mutex_);
    if (answers.empty()) return answer(500, R"({"message":"the script is at its end"})");
    std::string first = answers.front();
    answers.erase(answers.begin());
    return first;
  }

  std::mutex mutex_;
  std::vector<std::string> parts_;
  std::vector<std::string> states_;
};

asio::awaitable<Lines> follow_lines(Engine& engine, FollowLogOptions options) {
  LogFollower follower(engine, k_id, std::move(options));
  Lines lines;
  while (const auto message = co_await follower.next()) {
    lines.push_back((message->after_gap ? "gap " : "") +
                    std::string(message->stream == LogStream::stderr_stream ? "err " : "") + message->text);
    if (lines.back().ends_with('\n')) lines.back().pop_back();
  }
  co_return lines;
}

class LogFollowerTest : public EngineFixture {
 protected:
  Lines follow_parts(std::vector<std::string> parts, std::vector<std::string> states,
                     FollowLogOptions options = k_quick) {
    auto server = std::make_shared<LogServer>(std::move(parts), std::move(states));
    serve_script([server](ScriptedPeer& peer) { server->play(peer); });
    return run(follow_lines(*engine_, std::move(options)));
  }
  Lines log_targets() const {
    Lines targets;
    for (const std::string& line : seen())
      if (line.find("/logs?") != std::string::npos) targets.push_back(line);
    return targets;
  }
};

TEST_F(LogFollowerTest, it_ends_with_the_container) {
  EXPECT_EQ(follow_parts({out(1, "a") + err(2, "b") + k_last_chunk}, {state("exited")}),
            (Lines{"a", "err b"}));
  EXPECT_EQ(log_targets(), Lines{"GET /v1.41/containers/web/logs?stdout=1&stderr=1&timestamps=1&follow=1"});
}

TEST_F(LogFollowerTest, after_a_lost_connection_nothing_is_missing_and_nothing_comes_twice) {
  const Lines lines = follow_parts(
      {out(5000, "a") + out(5200, "b") + err(5200, "b"),
       out(5000, "a") + out(5200, "b") + err(5200, "b") + out(5200, "c"),
       out(5000, "a") + out(5200, "b") + err(5200, "b") + out(5200, "c") + out(5300, "d") + k_last_chunk},
      {state("exited")});
  EXPECT_EQ(lines, (Lines{"a", "b", "err b", "c", "d"}));
  ASSERT_EQ(log_targets().size(), 3U);
  // 2026-11-25T10:00:05.2Z less one second.
  EXPECT_TRUE(log_targets()[1].ends_with("&since=1795600804.200000000&follow=1")) << log_targets()[1];
}

TEST_F(LogFollowerTest, equal_messages_of_one_moment_are_as_many_as_they_were) {
  const std::string twice = out(1, "same") + out(1, "same");
  EXPECT_EQ(follow_parts({twice, twice + out(1, "same") + k_last_chunk}, {state("exited")}),
            (Lines{"same", "same", "same"}));
}

TEST_F(LogFollowerTest, a_message_stamped_before_the_newest_is_not_lost) {
  EXPECT_EQ(follow_parts({err(5300, "late"), err(5300, "late") + out(5299, "early") + k_last_chunk},
                         {state("exited")}),
            (Lines{"err late", "early"}));
}

TEST_F(LogFollowerTest, a_message_that_was_cut_comes_whole) {
  const std::string whole = out(2, "whole");
  for (std::size_t cut = 0; cut < whole.size(); cut += 3) {
    SCOPED_TRACE(cut);
    EXPECT_EQ(follow_parts({out(1, "a") + whole.substr(0, cut), out(1, "a") + whole + k_last_chunk},
                           {state("exited")}),
              (Lines{"a", "whole"}));
  }
}

TEST_F(LogFollowerTest, a_log_that_was_rotated_away_meanwhile_is_a_gap) {
  EXPECT_EQ(follow_parts({out(5000, "a"), out(5600, "x") + out(5700, "y") + k_last_chunk}, {state("exited")}),
            (Lines{"a", "gap x", "y"}));
}

TEST_F(LogFollowerTest, an_engine_that_takes_whole_seconds_brings_nothing_twice) {
  EXPECT_EQ(follow_parts({out(4000, "old") + out(5900, "a"),
                          out(4000, "old") + out(5900, "a") + out(5950, "b") + k_last_chunk},
                         {state("exited")}),
            (Lines{"old", "a", "b"}));
}

TEST_F(LogFollowerTest, a_container_that_is_started_again_is_followed_on) {
  EXPECT_EQ(follow_parts({out(1, "first") + k_last_chunk, out(1, "first") + k_last_chunk,
                          out(1, "first") + out(900, "second") + k_last_chunk},
                         {state("restarting"), state("running"), state("exited")}),
            (Lines{"first", "second"}));
}

TEST_F(LogFollowerTest, a_container_that_is_gone_after_a_clean_end_is_the_end) {
  EXPECT_EQ(follow_parts({out(1, "a") + k_last_chunk}, {answer(404, R"({"message":"No such container"})")}),
            Lines{"a"});
}

TEST_F(LogFollowerTest, a_container_removed_behind_a_lost_connection_is_an_error) {
  const Error error = expect_error([&] {
    follow_parts({out(1, "a"), answer(404, R"({"message":"No such container"})")}, {});
  });
  EXPECT_EQ(error.kind(), ErrorKind::not_found);
}

TEST_F(LogFollowerTest, it_gives_up_when_it_is_told_to) {
  FollowLogOptions options = k_quick;
  options.give_up_after = 0ms;
  const std::string starting = answer(503, R"({"message":"starting"})");
  expect_error(
      [&] {
        follow_parts({out(1, "a"), starting, out(1, "a")}, {}, options);
      },
      ErrorKind::refused, "starting");
  EXPECT_EQ(follow_parts({out(1, "a"), starting, out(1, "a") + k_last_chunk}, {state("exited")}), Lines{"a"});
}

TEST_F(LogFollowerTest, a_terminals_log_is_taken_line_by_line) {
  FollowLogOptions options = k_quick;
  options.tty = true;
  const std::string first = chunk(stamp(1) + "a\r\n" + stamp(2) + "b");
  EXPECT_EQ(
      follow_parts({first, chunk(stamp(1) + "a\r\n" + stamp(2) + "bc\r\n" + stamp(3) + "$ ") + k_last_chunk},
                   {state("exited")}, options),
      (Lines{"a\r", "bc\r", "$ "}));
}

TEST_F(LogFollowerTest, what_is_asked_for_first_is_not_asked_for_again) {
  FollowLogOptions options = k_quick;
  options.tail = 2;
  options.since = std::chrono::sys_days(std::chrono::January / 1 / 2026) + 5ns;
  options.stderr_stream = false;
  follow_parts({std::string(), out(1, "a"), out(1, "a") + k_last_chunk}, {state("exited")}, options);
  ASSERT_EQ(log_targets().size(), 3U);
  for (int i : {0, 1})
    EXPECT_EQ(log_targets()[static_cast<std::size_t>(i)],
              "GET "
              "/v1.41/containers/web/logs?stdout=1&timestamps=1&tail=2&since=1767225600.000000005&follow=1")
        << "the server tells no date: there is nothing else to begin with";
  EXPECT_EQ(log_targets()[2].find("tail"), std::string::npos);
}

TEST_F(LogFollowerTest, before_the_first_message_a_tail_loses_nothing_that_came_meanwhile) {
  std::vector<test_support::Script> scripts;
  scripts.push_back([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:16:39 GMT\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.close();
  });
  scripts.push_back([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(answer(404, R"({"message":"No such container: web"})"));
    peer.wait_for_client_to_close();
  });
  serve_script(std::move(scripts));
  FollowLogOptions options = k_quick;
  options.tail = 0;
  options.tty = false;
  EXPECT_EQ(expect_error([&] { run(follow_lines(*engine_, options)); }).kind(), ErrorKind::not_found);
  const Lines targets = log_targets();
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_NE(targets[0].find("tail=0"), std::string::npos) << targets[0];
  EXPECT_EQ(targets[1].find("tail"), std::string::npos) << targets[1];
  EXPECT_NE(targets[1].find("since=999.000000000"), std::string::npos) << targets[1];
}

TEST_F(LogFollowerTest, a_message_without_a_time_or_an_end_is_an_error) {
  EXPECT_EQ(expect_error([&] { follow_parts({frame(1, "no time here\n")}, {}); }).kind(),
            ErrorKind::protocol);
  LogMessages messages(Framing::raw);
  const std::string piece(std::size_t{300} * 1024, 'x');
  const auto endless = [&] {
    for (int i = 0; i < 4; ++i) messages.feed({LogStream::stdout_stream, piece}, false);
  };
  EXPECT_EQ(expect_error(endless).kind(), ErrorKind::protocol);
}

TEST(LogMessagesTest, times_are_read_to_the_nanosecond_in_any_zone) {
  const auto at = [](const char* text) {
    return parse_log_message(LogStream::stdout_stream, text).at.time_since_epoch().count();
  };
  EXPECT_EQ(at("2026-11-25T10:00:00.123456789Z x"), 1795600800123456789);
  EXPECT_EQ(at("2026-11-25T11:00:00.5+01:00 x"), 1795600800500000000);
  EXPECT_EQ(at("2026-11-25T10:00:00Z x"), 1795600800000000000);
}

}  // namespace
}  // namespace halcyon::docker_api
