// Events of the life-cycle suite: life_cycle_suite.hpp.
#include "docker_api/event_follower.hpp"
#include "tests/docker_api/life_cycle_suite.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The events that every engine gives for one container's life.
Filters life_of(const std::string& label) {
  return {{"type", {"container"}}, {"label", {label}}, {"event", {"create", "start", "die", "destroy"}}};
}

/// Takes `wanted` events; a gap is no event, and is noted.
asio::awaitable<std::vector<Event>> take(EventFollower& follower, std::size_t wanted, std::size_t& gaps) {
  std::vector<Event> events;
  while (events.size() < wanted) {
    const EventOrGap item = co_await follower.next();
    if (const Event* event = std::get_if<Event>(&item)) {
      events.push_back(*event);
    } else {
      ++gaps;
    }
  }
  co_return events;
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
  const Filters filters = life_of("mark=" + mark);
  EventFollower follower(engine(), {.filters = filters, .since = now - 1s});
  std::size_t gaps = 0;
  ContainerSpec wanted = spec(short_program());
  wanted.labels["mark"] = mark;
  const ContainerId id = create(wanted);
  const auto first = run(take(follower, 1, gaps));
  break_all_connections();
  run_to_end(id);
  run(remove_container(engine(), id));
  const auto rest = run(take(follower, 3, gaps));
  EXPECT_EQ(actions_of(first), (std::vector<std::string>{"create"}));
  EXPECT_EQ(actions_of(rest), (std::vector<std::string>{"start", "die", "destroy"}));
  EXPECT_EQ(gaps, 0U);
  EXPECT_EQ(follower.connections(), 2U);
  for (const Event& event : rest) {
    EXPECT_EQ(event.actor_id, id.value);
    EXPECT_EQ(event.attributes.at("name"), named("c"));
  }
  EXPECT_EQ(rest[1].attributes.at("exitCode"), "42");
  EXPECT_LE(rest[0].at, rest[1].at);

  // Another follower takes up where the first one was after "start".
  EventFollower second(engine(), {.filters = filters, .since = rest[0].at + 1ns});
  EXPECT_EQ(actions_of(run(take(second, 2, gaps))), (std::vector<std::string>{"die", "destroy"}));
}

}  // namespace
}  // namespace halcyon::docker_api
