// Events, disk usage, volumes and swarm, against a real engine: see real_engine_fixture.hpp.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "docker_api/auth.hpp"
#include "docker_api/disk_usage.hpp"
#include "docker_api/event_follower.hpp"
#include "docker_api/generic_request.hpp"
#include "docker_api/network_endpoints.hpp"
#include "docker_api/nodes.hpp"
#include "docker_api/plugins.hpp"
#include "docker_api/secrets.hpp"
#include "docker_api/swarm.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class RealEventsTest : public RealEngineFixture {};

asio::awaitable<void> make_and_remove(Engine& engine, VolumeName name,
                                      std::map<std::string, std::string> labels) {
  co_await create_volume(engine, name, std::move(labels));
  co_await remove_volume(engine, name);
}

asio::awaitable<std::vector<Event>> read_past(Engine& engine, EventOptions options) {
  std::vector<Event> events;
  EventStream stream = co_await open_events(engine, std::move(options));
  EXPECT_TRUE(stream.began_at());
  while (const auto event = co_await stream.next()) events.push_back(*event);
  co_return events;
}

/// Follows until `wanted` events have come; starts the work when the stream is open.
asio::awaitable<std::vector<Event>> follow_volume(Engine& engine, FollowOptions options, VolumeName name,
                                                  std::map<std::string, std::string> labels,
                                                  std::size_t wanted) {
  EventFollower follower(engine, std::move(options));
  asio::co_spawn(co_await asio::this_coro::executor,
                 make_and_remove(engine, std::move(name), std::move(labels)), asio::detached);
  std::vector<Event> events;
  while (events.size() < wanted) {
    const EventOrGap item = co_await follower.next();
    if (const Event* event = std::get_if<Event>(&item)) events.push_back(*event);
  }
  co_return events;
}

TEST_F(RealEventsTest, events_are_followed_and_replayed_by_their_nanoseconds) {
  const VolumeName name(prefix_ + "-v");
  const Filters filters{{"type", {"volume"}}, {"volume", {name.value}}};
  // The engine's own clock: what happens from now on.
  const auto before = std::chrono::system_clock::now() - 2s;
  const auto events = run(follow_volume(engine_, {.filters = filters, .since = before}, name, labels(), 2));
  EXPECT_EQ(events[0].action, "create");
  EXPECT_EQ(events[1].action, "destroy");
  EXPECT_EQ(events[0].actor_id, name.value);
  EXPECT_LT(events[0].at, events[1].at);
  const auto past =
      run(read_past(engine_, {.filters = filters, .since = events[0].at, .until = events[1].at}));
  ASSERT_EQ(past.size(), 2U) << "both ends are included";
  EXPECT_EQ(past[0].at, events[0].at);
  EXPECT_EQ(past[1].at, events[1].at);
  EXPECT_EQ(run(read_past(engine_, {.filters = filters, .since = events[0].at + 1ns, .until = events[1].at}))
                .size(),
            1U);
}

TEST_F(RealEventsTest, the_disk_is_measured) {
  const ImageId image = build_busybox();
  run(create_container(engine_, shell(image, "true")));
  run(create_volume(engine_, VolumeName(prefix_ + "-v"), labels()));
  const DiskUsage usage = run(inspect_disk_usage(engine_));
  EXPECT_GE(usage.images.total.count, 1U);
  EXPECT_GE(usage.images.total.active, 1U);
  EXPECT_GT(usage.images.total.total_bytes, 10'000U);
  EXPECT_GE(usage.containers.total.count, 1U);
  EXPECT_GE(usage.volumes.total.count, 1U);
  for (const VolumeDetails& volume : usage.volumes.items) {
    if (volume.name.value == prefix_ + "-v") {
      EXPECT_EQ(volume.containers, 0U);
    }
  }
}

TEST_F(RealEventsTest, a_volume_has_options) {
  run(create_volume(engine_, VolumeSpec{.name = VolumeName(prefix_ + "-v"),
                                        .options = {{"type", "tmpfs"}, {"device", "tmpfs"}, {"o", "size=1m"}},
                                        .labels = labels()}));
  const VolumeDetails volume = run(inspect_volume(engine_, VolumeName(prefix_ + "-v")));
  EXPECT_EQ(volume.options.at("o"), "size=1m");
  EXPECT_EQ(volume.scope, "local");
  EXPECT_TRUE(volume.created_at);
  EXPECT_EQ(run(query_volumes(engine_, {{"name", {prefix_ + "-v"}}})).size(), 1U);
}

TEST_F(RealEventsTest, plugins_and_any_other_call_are_answered) {
  EXPECT_NO_THROW(run(list_plugins(engine_)));
  const HttpResponse response = run(request(engine_, "GET", "/containers/json", {{"all", "1"}}));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.front(), '[');
  EXPECT_EQ(expect_error([&] { run(request(engine_, "GET", "/nonsense")); }).kind(), ErrorKind::unsupported);
}

TEST_F(RealEventsTest, credentials_for_a_registry_that_is_not_there_cannot_be_checked) {
  const Error error = expect_error([&] {
    run(check_credentials(engine_,
                          {.username = "u", .password = Secret("hunter2"), .server_address = "127.0.0.1:1"}));
  });
  EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
  EXPECT_FALSE(error.engine_text().empty());
}

TEST_F(RealEventsTest, without_a_swarm_its_objects_are_refused) {
  if (run(find_swarm(engine_))) GTEST_SKIP() << "this engine is in a swarm";
  EXPECT_EQ(expect_error([&] { run(list_nodes(engine_)); }).http_status(), 503);
  EXPECT_EQ(expect_error([&] { run(find_secret(engine_, SecretId("x"))); }).http_status(), 503);
  EXPECT_EQ(expect_error([&] { run(leave_swarm(engine_)); }).http_status(), 503);
}

}  // namespace
}  // namespace halcyon::docker_api
