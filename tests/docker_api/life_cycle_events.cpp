// Events of the life-cycle suite: life_cycle_suite.hpp.
#include <algorithm>

#include "docker_api/event_follower.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Takes events up to the one with the action `last`; a gap is no event, and is noted.
asio::awaitable<std::vector<Event>> take_events(EventFollower& follower, std::string last,
                                                std::size_t& gaps) {
  std::vector<Event> events;
  while (events.empty() || events.back().action != last) {
    const EventOrGap item = co_await follower.next();
    if (const Event* event = std::get_if<Event>(&item)) {
      events.push_back(*event);
    } else {
      ++gaps;
    }
  }
  co_return events;
}

/// The main ones: Podman has more than Docker.
std::vector<Event> mains_of(const std::vector<Event>& events, const std::string& last) {
  const std::vector<std::string> mains{"create", "start", "die", last};
  std::vector<Event> found;
  for (const Event& event : events) {
    if (std::find(mains.begin(), mains.end(), event.action) != mains.end()) found.push_back(event);
  }
  return found;
}

std::vector<std::string> actions_of(const std::vector<Event>& events) {
  std::vector<std::string> actions;
  for (const Event& event : events) actions.push_back(event.action);
  return actions;
}

TEST_P(LifeCycle, every_event_of_a_life_comes_once_also_after_the_connection_was_lost) {
  // The engine remembers other tests' containers, too.
  const auto now = std::chrono::system_clock::now();
  const std::string mark = std::to_string(now.time_since_epoch().count());
  const Filters filters{{"type", {"container"}}, {"label", {"mark=" + mark}}};
  const std::string& last = can().last_event;
  EventFollower follower(engine(), {.filters = filters, .since = now - 1s});
  std::size_t gaps = 0;
  ContainerSpec wanted = spec(short_program());
  wanted.labels["mark"] = mark;
  const ContainerId id = create(wanted);
  const auto first = run(take_events(follower, "create", gaps));
  break_all_connections();
  run_to_end(id);
  run(remove_container(engine(), id));
  const auto rest = mains_of(run(take_events(follower, last, gaps)), last);
  EXPECT_EQ(actions_of(first), (std::vector<std::string>{"create"}));
  ASSERT_EQ(actions_of(rest), (std::vector<std::string>{"start", "die", last}));
  // Podman says nothing about the past if it is asked up to a moment of it: a gap is possible, and told.
  EXPECT_EQ(gaps, GetParam().kind == EngineKind::podman ? 1U : 0U);
  EXPECT_EQ(follower.connections(), 2U);
  for (const Event& event : rest) {
    EXPECT_EQ(event.actor_id, id.value);
    EXPECT_EQ(event.attributes.at("name"), named("c"));
  }
  EXPECT_EQ(rest[1].attributes.at("exitCode"), "42");
  EXPECT_LE(rest[0].at, rest[1].at);

  // Another follower takes up where the first one was after "start".
  EventFollower second(engine(), {.filters = filters, .since = rest[0].at + 1ns});
  EXPECT_EQ(actions_of(mains_of(run(take_events(second, last, gaps)), last)),
            (std::vector<std::string>{"die", last}));
}

}  // namespace
}  // namespace halcyon::docker_api
