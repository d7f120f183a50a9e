// The fake engine's core, without sockets and with a clock of the test's own.
#include <gtest/gtest.h>

#include <set>

#include "docker_api/testing/engine_state.hpp"

namespace halcyon::docker_api::fake {
namespace {

using namespace std::chrono_literals;

class FakeState : public ::testing::Test {
 protected:
  FakeState() : state_(settings()) { state_.add_image("app:1", {.command = {"/app"}}); }

  Settings settings() {
    return {.program = [this](const Launch& launch) { return programs_[launch.container]; },
            .clock = [this] { return now_; }};
  }

  Answer ask(std::string method, std::string target, std::string body = "") {
    Request request{.method = std::move(method), .target = std::move(target), .body = std::move(body)};
    if (!request.body.empty()) request.headers = {{"Content-Type", "application/json"}};
    parse_target(request, {1, 41});
    request.number = asked_++;
    return state_.handle(request);
  }
  void make(const std::string& name, Program program, const std::string& host = "{}") {
    programs_[name] = std::move(program);
    ASSERT_EQ(
        ask("POST", "/v1.41/containers/create?name=" + name, R"({"Image":"app:1","HostConfig":)" + host + "}")
            .status,
        201);
    ASSERT_EQ(ask("POST", "/containers/" + name + "/start").status, 204);
  }
  std::string state_of(const std::string& name) {
    for (const ContainerView& view : state_.containers()) {
      if (view.name == name) return view.state;
    }
    return "absent";
  }
  /// Lets the time pass to the next thing that happens.
  void advance() {
    ASSERT_TRUE(state_.next_deadline());
    now_ = *state_.next_deadline();
    state_.tick();
  }

  Time now_{1'700'000'000s};
  std::map<std::string, Program> programs_;
  std::size_t asked_ = 0;
  FakeEngineState state_;
};

TEST_F(FakeState, nothing_happens_before_its_time) {
  make("aa", {.runs_for = 250ms, .exit_code = 4});
  state_.tick();
  EXPECT_EQ(state_of("aa"), "running");
  const Time start = now_;
  advance();
  EXPECT_EQ(state_of("aa"), "exited");
  EXPECT_GE(now_ - start, 250ms);
  EXPECT_LT(now_ - start, 251ms);
  EXPECT_EQ(state_.next_deadline(), std::nullopt);
}

TEST_F(FakeState, a_crashing_container_is_restarted_with_growing_pauses_and_gives_up_after_its_limit) {
  make("aa", exits_with(3), R"({"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":2}})");
  state_.tick();
  EXPECT_EQ(state_of("aa"), "restarting");
  const Time first = now_;
  advance();  // starts again
  EXPECT_GE(now_ - first, 100ms);
  state_.tick();
  EXPECT_EQ(state_of("aa"), "restarting");
  const Time second = now_;
  advance();
  EXPECT_GE(now_ - second, 200ms);
  state_.tick();
  EXPECT_EQ(state_of("aa"), "exited");
  EXPECT_EQ(state_.containers()[0].starts, 3);
}

TEST_F(FakeState, a_stop_ends_the_restarts) {
  make("aa", exits_with(3), R"({"RestartPolicy":{"Name":"always"}})");
  state_.tick();
  EXPECT_EQ(state_of("aa"), "restarting");
  EXPECT_EQ(ask("POST", "/containers/aa/stop").status, 204);
  EXPECT_EQ(state_of("aa"), "exited");
  EXPECT_EQ(state_.next_deadline(), std::nullopt);
}

TEST_F(FakeState, what_was_stopped_is_not_restarted) {
  make("aa", {}, R"({"RestartPolicy":{"Name":"always"}})");
  EXPECT_EQ(ask("POST", "/containers/aa/stop").status, 204);
  EXPECT_EQ(state_of("aa"), "exited");
  EXPECT_EQ(state_.next_deadline(), std::nullopt);
}

TEST_F(FakeState, a_wait_is_a_stream_that_ends_with_the_container) {
  make("aa", {});
  const Answer wait = ask("POST", "/containers/aa/wait?condition=next-exit");
  ASSERT_TRUE(wait.stream);
  EXPECT_EQ(wait.stream->pending, "");
  EXPECT_FALSE(wait.stream->ended);
  ask("POST", "/containers/aa/kill");
  EXPECT_EQ(wait.stream->pending, "{\"Error\":null,\"StatusCode\":137}\n");
  EXPECT_TRUE(wait.stream->ended);
}

TEST_F(FakeState, a_container_that_removes_itself_answers_who_waits_for_that) {
  make("aa", {}, R"({"AutoRemove":true})");
  const Answer wait = ask("POST", "/containers/aa/wait?condition=removed");
  state_.exit_container("aa", 5);
  EXPECT_EQ(state_of("aa"), "absent");
  EXPECT_EQ(wait.stream->pending, "{\"Error\":null,\"StatusCode\":5}\n");
}

TEST_F(FakeState, followed_events_end_when_their_time_has_come) {
  const std::string until =
      std::to_string(std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count() + 60);
  const Answer events = ask("GET", "/events?until=" + until);
  make("aa", {});
  EXPECT_NE(events.stream->pending.find("\"Action\":\"create\""), std::string::npos);
  EXPECT_FALSE(events.stream->ended);
  advance();
  EXPECT_TRUE(events.stream->ended);
}

TEST_F(FakeState, effects_are_numbered_and_name_their_request) {
  make("aa", {});
  ask("GET", "/containers/aa/json");
  ask("DELETE", "/containers/aa?force=1");
  const auto& effects = state_.effects();
  ASSERT_EQ(effects.size(), 3U);
  EXPECT_EQ(effects[0].kind, "container.create");
  EXPECT_EQ(effects[1].kind, "container.start");
  EXPECT_EQ(effects[2].kind, "container.remove");
  EXPECT_EQ(effects[2].index, 2U);
  EXPECT_EQ(effects[2].request, 3U);
}

TEST_F(FakeState, versions_outside_its_range_are_refused_in_the_engines_words) {
  const Answer newer = ask("GET", "/v1.42/info");
  EXPECT_EQ(newer.status, 400);
  EXPECT_EQ(newer.body,
            "{\"message\":\"client version 1.42 is too new. Maximum supported API version is 1.41\"}\n");
  EXPECT_EQ(ask("GET", "/v1.11/info").status, 400);
  EXPECT_EQ(ask("GET", "/containers//json").status, 301);
  EXPECT_EQ(ask("GET", "/nonsense").body, "{\"message\":\"page not found\"}\n");
}

TEST_F(FakeState, the_same_image_has_the_same_id_everywhere) {
  const Image image{.command = {"/app"}, .labels = {{"aa", "bb"}}};
  EXPECT_EQ(id_of(image), id_of(image));
  Image other = image;
  other.content = "2";
  EXPECT_NE(id_of(image), id_of(other));
  EXPECT_NE(digest_of(image).value, id_of(image).value);
  EXPECT_TRUE(is_digest(digest_of(image).value));
}

TEST_F(FakeState, moments_are_never_given_twice) {
  make("aa", {});
  make("bb", {});
  const Answer events = ask("GET", "/events?since=1&until=1700000001");
  std::set<std::string> times;
  std::size_t count = 0;
  for (std::size_t at = events.stream->pending.find("\"timeNano\":"); at != std::string::npos;
       at = events.stream->pending.find("\"timeNano\":", at + 1)) {
    times.insert(events.stream->pending.substr(at, 31));
    ++count;
  }
  EXPECT_GE(count, 4U);
  EXPECT_EQ(times.size(), count);
}

}  // namespace
}  // namespace halcyon::docker_api::fake
