#include "docker_api/event_follower.hpp"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "docker_api/event_memory.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using test_support::answer;
using test_support::chunk;
using test_support::chunked_answer;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;
using Lines = std::vector<std::string>;

/// An event at `milliseconds` after second 1000.
std::string event(const std::string& actor, int milliseconds, const std::string& action = "start") {
  return fmt::format(R"({{"Type":"container","Action":"{}","Actor":{{"ID":"{}"}},"time":1000,"timeNano":{}}})"
                     "\n",
                     action, actor, 1'000'000'000'000LL + milliseconds * 1'000'000LL);
}

std::string word_for(const EventGap& gap) {
  if (gap.reason.find("has forgotten") != std::string::npos) return "forgotten";
  return gap.reason.find("before the first") != std::string::npos ? "not begun" : "too much";
}

/// Reads `wanted` items: an event is its actor's id, a gap a word for its reason.
asio::awaitable<Lines> follow_actions(Engine& engine, FollowOptions options, std::size_t wanted) {
  EventFollower follower(engine, std::move(options));
  Lines items;
  while (items.size() < wanted) {
    const EventOrGap item = co_await follower.next();
    const Event* happened = std::get_if<Event>(&item);
    items.push_back(happened != nullptr ? happened->actor_id : word_for(std::get<EventGap>(item)));
  }
  co_return items;
}

/// Plays one list of answers; each connection takes the next one and then closes it.
class EngineInPieces {
 public:
  explicit EngineInPieces(std::vector<std::string> answers) : answers_(std::move(answers)) {}

  std::vector<test_support::Script> scripts() const {
    std::vector<test_support::Script> scripts;
    scripts.push_back([first = answers_.front()](ScriptedPeer& peer) {
      peer.read_request();
      peer.send(test_support::pong());
      peer.read_request();
      peer.send(first);
      peer.close();
    });
    for (std::size_t i = 1; i < answers_.size(); ++i) {
      scripts.push_back([next = answers_[i], last = i + 1 == answers_.size()](ScriptedPeer& peer) {
        if (!peer.read_request()) return;
        peer.send(next);
        last ? peer.wait_for_client_to_close() : peer.close();
      });
    }
    return scripts;
  }

 private:
  std::vector<std::string> answers_;
};

std::string open_answer(const std::string& events) {
  return std::string(k_chunked_head) + (events.empty() ? "" : chunk(events));
}

class EventFollowerTest : public EngineFixture {
 protected:
  FollowOptions quick() { return {.first_pause = 1ms, .longest_pause = 5ms}; }
};

TEST_F(EventFollowerTest, a_lost_connection_costs_no_event_and_repeats_none) {
  serve_script(EngineInPieces({open_answer(event("a", 0) + event("b", 500)),       // cut
                               chunked_answer({event("a", 0) + event("b", 500)}),  // what it remembers
                               open_answer(event("a", 0) + event("b", 500) + event("c", 501))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 3)), (Lines{"a", "b", "c"}));
  const Lines requests = seen();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[1], "GET /v1.41/events");
  EXPECT_EQ(requests[2], "GET /v1.41/events?since=1000.000000000&until=1000.500000000")
      << "up to the last event";
  EXPECT_EQ(requests[3], "GET /v1.41/events?since=1000.000000000");
}

TEST_F(EventFollowerTest, an_engine_that_takes_whole_seconds_repeats_nothing) {
  serve_script(EngineInPieces({open_answer(event("a", 100) + event("m", 1200) + event("b", 2500)),
                               chunked_answer({event("m", 1200) + event("b", 2500)}),
                               open_answer(event("m", 1200) + event("b", 2500) + event("c", 2600))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 4)), (Lines{"a", "m", "b", "c"}));
  EXPECT_EQ(seen().back(), "GET /v1.41/events?since=1001.000000000");
}

TEST_F(EventFollowerTest, what_was_before_the_first_event_is_not_told_after_a_reconnect) {
  serve_script(
      EngineInPieces({open_answer(event("a", 500)), chunked_answer({event("early", 200) + event("a", 500)}),
                      open_answer(event("early", 200) + event("a", 500) + event("b", 600))})
          .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 2)), (Lines{"a", "b"}));
}

TEST_F(EventFollowerTest, a_late_neighbour_is_an_event_and_no_gap) {
  const std::string all = event("a", 0) + event("late", 400) + event("b", 500);
  serve_script(EngineInPieces({open_answer(event("a", 0) + event("b", 500)), chunked_answer({all}),
                               open_answer(all + event("c", 501))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 4)), (Lines{"a", "b", "late", "c"}));
}

TEST_F(EventFollowerTest, what_an_engine_tells_from_before_since_is_left_out) {
  const EngineInPieces pieces(
      {std::string(k_chunked_head) +
       test_support::chunk(event("early", 100) + event("late", 300) + event("later", 400))});
  serve_script(pieces.scripts());
  const EventTime since{std::chrono::seconds{1000} + std::chrono::milliseconds{200}};
  EXPECT_EQ(run(follow_actions(*engine_, {.since = since}, 2)), (Lines{"late", "later"}));
}

TEST_F(EventFollowerTest, the_end_of_a_stream_is_no_end_of_following) {
  serve_script(EngineInPieces({chunked_answer({event("a", 0)}), chunked_answer({event("a", 0)}),
                               open_answer(event("a", 0) + event("b", 1))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 2)), (Lines{"a", "b"}));
}

TEST_F(EventFollowerTest, an_engine_that_has_forgotten_is_a_gap_at_once) {
  serve_script(
      EngineInPieces({open_answer(event("a", 0)), chunked_answer({}), open_answer(event("z", 90'000))})
          .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 3)), (Lines{"a", "forgotten", "z"}));
}

TEST_F(EventFollowerTest, another_event_of_the_same_moment_is_no_memory_of_the_last_one) {
  serve_script(EngineInPieces(
                   {open_answer(event("a", 0)), chunked_answer({event("b", 0)}), open_answer(event("b", 0))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 3)), (Lines{"a", "forgotten", "b"}));
}

TEST_F(EventFollowerTest, what_is_forgotten_between_both_requests_is_a_gap_too) {
  serve_script(EngineInPieces({open_answer(event("a", 0)), chunked_answer({event("a", 0)}),
                               open_answer(event("y", 900) + event("z", 901))})
                   .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 4)), (Lines{"a", "too much", "y", "z"}));
}

TEST_F(EventFollowerTest, a_connection_lost_before_the_first_event_begins_where_it_began) {
  const std::string dated =
      "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:16:39 GMT\r\nTransfer-Encoding: chunked\r\n\r\n";
  serve_script(EngineInPieces({dated, open_answer(event("a", 0))}).scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 2)), (Lines{"not begun", "a"}));
  EXPECT_EQ(seen().back(), "GET /v1.41/events?since=999.000000000");
}

TEST_F(EventFollowerTest, failed_reconnects_are_repeated) {
  serve_script(
      EngineInPieces({open_answer(event("a", 0)), answer(503, R"({"message":"starting"})"),
                      "HTTP/1.1 200 OK\r\nTransf", chunked_answer({event("a", 0)}), answer(500, "oops"),
                      chunked_answer({event("a", 0)}), open_answer(event("a", 0) + event("b", 1))})
          .scripts());
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 2)), (Lines{"a", "b"}));
}

TEST_F(EventFollowerTest, an_engine_that_was_updated_meanwhile_is_spoken_to_in_its_own_version) {
  const std::string too_old =
      answer(400, R"({"message":"client version 1.41 is too old. Minimum supported API version is 1.44"})");
  auto scripts = EngineInPieces({open_answer(event("a", 0)), too_old}).scripts();
  scripts.back() = [too_old](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(too_old);
    peer.read_request();
    peer.send(test_support::pong("1.44"));
    peer.read_request();
    peer.send(chunked_answer({event("a", 0)}));
    peer.read_request();
    peer.send(open_answer(event("a", 0) + event("b", 1)));
    peer.wait_for_client_to_close();
  };
  serve_script(std::move(scripts));
  EXPECT_EQ(run(follow_actions(*engine_, quick(), 2)), (Lines{"a", "b"}));
  EXPECT_EQ(seen().back().substr(0, 17), "GET /v1.44/events");
}

TEST_F(EventFollowerTest, a_reconnect_can_be_given_up) {
  serve_script(
      EngineInPieces({open_answer(event("a", 0)), answer(503, "no"), answer(503, "no"), answer(503, "no")})
          .scripts());
  FollowOptions options = quick();
  options.give_up_after = 0ms;
  const Error error = expect_error([&] { run(follow_actions(*engine_, options, 2)); });
  EXPECT_EQ(error.http_status(), 503);
}

TEST_F(EventFollowerTest, what_no_reconnect_would_cure_is_thrown) {
  serve_bytes(answer(400, R"({"message":"invalid filter"})"));
  EXPECT_EQ(expect_error([&] { run(follow_actions(*engine_, quick(), 1)); }).kind(), ErrorKind::bad_request);
}

TEST_F(EventFollowerTest, an_event_that_cannot_be_read_is_not_asked_for_again_and_again) {
  serve_bytes(chunked_answer({R"({"Type":7})"}));
  EXPECT_EQ(expect_error([&] { run(follow_actions(*engine_, quick(), 1)); }).kind(), ErrorKind::protocol);
  EXPECT_EQ(seen().size(), 2U);
}

TEST_F(EventFollowerTest, the_first_connection_is_tried_once) {
  serve_bytes(answer(503, "no"));
  EXPECT_EQ(expect_error([&] { run(follow_actions(*engine_, quick(), 1)); }).http_status(), 503);
  EXPECT_EQ(seen().size(), 2U);
}

asio::awaitable<void> note_end(asio::awaitable<Lines> work, std::optional<Error>& error) {
  try {
    co_await std::move(work);
  } catch (const Error& thrown) {
    error = thrown;
  }
}

TEST_F(EventFollowerTest, the_pause_before_a_reconnect_can_be_cancelled) {
  serve_script(EngineInPieces({open_answer(event("a", 0)), answer(503, "no")}).scripts());
  FollowOptions options{.first_pause = 1h, .longest_pause = 1h};
  asio::cancellation_signal signal;
  std::optional<Error> error;
  asio::co_spawn(io_, note_end(follow_actions(*engine_, options, 2), error),
                 asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
  asio::steady_timer timer(io_, 50ms);
  timer.async_wait([&](auto) { signal.emit(asio::cancellation_type::terminal); });
  io_.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::cancelled);
}

TEST(EventMemoryTest, it_forgets_what_no_reconnect_asks_for_again) {
  EventMemory memory(1s);
  const auto at = [](std::chrono::milliseconds time) {
    return Event{.type = "container", .action = "start", .actor_id = "a", .at = EventTime(time)};
  };
  EXPECT_EQ(memory.resume_at(), std::nullopt);
  EXPECT_TRUE(memory.add(at(1000ms)));
  EXPECT_FALSE(memory.add(at(1000ms)));
  EXPECT_TRUE(memory.add(at(2999ms)));
  EXPECT_TRUE(memory.knows(at(1000ms)));
  EXPECT_TRUE(memory.add(at(3100ms)));
  EXPECT_FALSE(memory.knows(at(1000ms)));
  EXPECT_TRUE(memory.knows(at(2999ms)));
  EXPECT_EQ(memory.resume_at(), EventTime(2000ms)) << "a whole second";
  Event other = at(3100ms);
  other.action = "die";
  EXPECT_TRUE(memory.add(other)) << "another action at the same moment";
}

}  // namespace
}  // namespace halcyon::docker_api
