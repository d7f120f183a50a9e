#include "docker_api/events.hpp"

#include "docker_api/http_date.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using test_support::answer;
using test_support::chunk;
using test_support::chunked_answer;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;

boost::asio::awaitable<std::vector<Event>> read_events(Engine& engine, EventOptions options) {
  std::vector<Event> events;
  EventStream stream = co_await open_events(engine, std::move(options));
  while (const auto event = co_await stream.next()) events.push_back(*event);
  co_return events;
}

class EventsTest : public EngineFixture {
 protected:
  std::vector<Event> read(EventOptions options = {}) {
    return run(read_events(*engine_, std::move(options)));
  }
};

/// As API 1.41 writes it, with the oldest fields as well; then as 1.52 does, with record separators.
constexpr const char* k_old_event =
    R"({"status":"start","id":"c1","from":"redis:7","Type":"container","Action":"start","Actor":{"ID":"c1",
  "Attributes":{"image":"redis:7","name":"web"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789})"
    "\n";
constexpr const char* k_new_event =
    "\x1e"
    R"({"Type":"network","Action":"connect","Actor":{"ID":"n1","Attributes":null},"scope":"swarm","time":1700000001})"
    "\n";

TEST_F(EventsTest, events_of_old_and_new_engines_are_read) {
  serve_bytes(chunked_answer({k_old_event, k_new_event}));
  const auto events = read();
  EXPECT_EQ(call_seen().target, "/v1.41/events");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type, "container");
  EXPECT_EQ(events[0].action, "start");
  EXPECT_EQ(events[0].actor_id, "c1");
  EXPECT_EQ(events[0].attributes.at("name"), "web");
  EXPECT_EQ(events[0].scope, "local");
  EXPECT_EQ(events[0].at.time_since_epoch(), 1700000000123456789ns);
  EXPECT_EQ(events[1].at.time_since_epoch(), 1700000001s) << "an engine without nanoseconds";
  EXPECT_TRUE(events[1].attributes.empty());
}

TEST_F(EventsTest, times_have_nine_decimals) {
  EXPECT_EQ(to_event_parameter(EventTime(1700000000000000001ns)), "1700000000.000000001");
  EXPECT_EQ(to_event_parameter(EventTime(1700000000s)), "1700000000.000000000");
  serve_bytes(chunked_answer({}));
  read({.filters = {{"type", {"container"}}}, .since = EventTime(1s), .until = EventTime(1500ms)});
  EXPECT_EQ(
      call_seen().target,
      "/v1.41/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D&since=1.000000000&until=1.500000000");
}

TEST_F(EventsTest, an_end_before_the_beginning_is_refused_unsent) {
  serve_bytes("");
  EXPECT_EQ(expect_error([&] { read({.since = EventTime(2s), .until = EventTime(1s)}); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(seen().empty());
}

TEST_F(EventsTest, missing_fields_are_empty_and_wrong_types_are_errors) {
  serve_bytes(chunked_answer({R"({"Type":null,"Actor":null})", R"({"status":"old","id":"x","time":5})"}));
  const auto events = read();
  EXPECT_EQ(events.at(0).type, "");
  EXPECT_EQ(events.at(1).action, "old");
  EXPECT_EQ(events.at(1).actor_id, "x");
  serve_bytes(chunked_answer({R"({"Type":7})"}));
  expect_error([&] { read(); }, ErrorKind::protocol, "Type");
  serve_bytes(answer(400, R"({"message":"invalid filter 'x'"})"));
  expect_error([&] { read(); }, ErrorKind::bad_request, "invalid filter");
}

TEST_F(EventsTest, silence_may_have_a_limit) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send(std::string(k_chunked_head) + chunk(k_old_event));
    peer.wait_for_client_to_close();
  });
  EXPECT_EQ(expect_error([&] { read({.idle = 20ms}); }).kind(), ErrorKind::timeout);
}

TEST_F(EventsTest, an_engine_that_dies_is_truncated_and_one_that_shuts_down_is_an_end) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send(std::string(k_chunked_head) + chunk(k_old_event));
    peer.close();
  });
  EXPECT_EQ(expect_error([&] { read(); }).kind(), ErrorKind::truncated);
  serve_bytes(chunked_answer({k_old_event}));
  EXPECT_EQ(read().size(), 1U);
}

TEST(HttpDateTest, only_the_fixed_form_is_a_date) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")->time_since_epoch(), 784111777s);
  for (const char* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 060Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace halcyon::docker_api
