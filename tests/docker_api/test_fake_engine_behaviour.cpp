// What containers of the fake engine do, how it restarts, what its registries say.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "docker_api/container_control.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/events.hpp"
#include "docker_api/generic_request.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/run_container.hpp"
#include "docker_api/system.hpp"
#include "tests/docker_api/fake_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Programs by the container's name.
fake::Program choose(const fake::Launch& launch) {
  if (launch.container.starts_with("crash"))
    return fake::exits_with(3, {{LogStream::stderr_stream, "no!\n"}});
  if (launch.container.starts_with("deaf")) return {.exit_code_when_stopped = std::nullopt};
  if (launch.container.starts_with("sick")) {
    return {.health = fake::Health::unhealthy, .health_output = "connection refused"};
  }
  if (launch.container.starts_with("slow")) return {.health = fake::Health::starting};
  if (launch.container.starts_with("broken"))
    return {.cannot_start = "exec: \"/app\": permission denied: unknown"};
  return {.output = {{LogStream::stdout_stream, "ready\n"}}};
}

fake::Program choose_exec(const fake::Launch& launch) {
  return fake::exits_with(launch.command.front() == "true" ? 0 : 1);
}

class FakeBehaviour : public FakeEngineFixture {
 protected:
  FakeBehaviour() : FakeEngineFixture({.program = choose, .exec_program = choose_exec}) {}

  static ContainerSpec checked() { return {.healthcheck = Healthcheck{.test = {"CMD", "/app", "check"}}}; }
  static ContainerSpec policy(RestartPolicy policy) { return {.restart_policy = policy}; }
};

TEST_F(FakeBehaviour, a_program_ends_by_itself_and_leaves_exit_code_and_log) {
  const ContainerId id = start("crash");
  const ContainerDetails details = run(inspect_container(engine_, id));
  EXPECT_EQ(details.state, "exited");
  EXPECT_EQ(details.exit_code, 3);
  std::string log;
  run(read_logs(engine_, id, {.timestamps = true}, [&log](LogStream stream, std::string_view bytes) {
    EXPECT_EQ(stream, LogStream::stderr_stream);
    log += bytes;
  }));
  EXPECT_EQ(log.substr(30), " no!\n") << log;
}

TEST_F(FakeBehaviour, one_that_does_not_react_to_its_signal_is_killed) {
  const ContainerId id = start("deaf");
  run(stop_container(engine_, id, 10s));  // nobody waits ten seconds here
  EXPECT_EQ(find("deaf")->exit_code, 137);
}

TEST_F(FakeBehaviour, one_that_cannot_start_says_why) {
  const ContainerId id = create("broken");
  const Error error = expect_error([&] { run(start_container(engine_, id)); });
  EXPECT_EQ(error.kind(), ErrorKind::bad_request);
  EXPECT_NE(error.engine_text().find("permission denied"), std::string::npos);
  EXPECT_EQ(run(inspect_container(engine_, id)).state, "created");
}

TEST_F(FakeBehaviour, a_health_check_finds_what_the_program_says_or_the_test) {
  start("well", checked());
  EXPECT_EQ(find("well")->health, "healthy");
  const ContainerId sick = start("sick", checked());
  const ContainerDetails details = run(inspect_container(engine_, sick));
  EXPECT_EQ(details.health, HealthStatus::unhealthy);
  EXPECT_EQ(details.health_log, (std::vector<std::string>{"connection refused"}));
  start("slow", checked());
  EXPECT_EQ(find("slow")->health, "starting");
  fake_.with_state([](fake::FakeEngineState& state) { state.set_health("slow", fake::Health::healthy); });
  EXPECT_EQ(find("slow")->health, "healthy");
  EXPECT_EQ(run(query_containers(engine_, {.filters = {{"health", {"healthy"}}}})).size(), 2U);
  start("unchecked");
  EXPECT_EQ(find("unchecked")->health, "none");
}

TEST_F(FakeBehaviour, a_test_ends_and_feeds_containers_behind_the_clients_back) {
  const ContainerId id = start("aa");
  fake_.with_state([](fake::FakeEngineState& state) {
    state.write_output("aa", {LogStream::stderr_stream, "out of memory\n"});
    state.exit_container("aa", 137);
  });
  EXPECT_EQ(find("aa")->state, "exited");
  std::string log;
  run(read_logs(engine_, id, {.tail = 1}, [&log](LogStream, std::string_view bytes) { log += bytes; }));
  EXPECT_EQ(log, "out of memory\n");
  EXPECT_THROW(fake_.with_state([](fake::FakeEngineState& state) { state.exit_container("absent", 1); }),
               Error);
}

TEST_F(FakeBehaviour, a_crash_of_the_engine_stops_containers_and_brings_back_those_with_always) {
  start("no");
  start("always", policy(RestartPolicy::always));
  start("unless", policy(RestartPolicy::unless_stopped));
  run(stop_container(engine_, start("stopped", policy(RestartPolicy::always))));
  fake_.restart(fake::RestartKind::crash);
  EXPECT_EQ(find("no")->state, "exited");
  EXPECT_EQ(find("always")->state, "running");
  EXPECT_EQ(find("always")->starts, 2);
  EXPECT_EQ(find("unless")->state, "exited");
  EXPECT_EQ(find("stopped")->state, "running") << "as dockerd 20.10 does it";
}

TEST_F(FakeBehaviour, a_clean_restart_brings_back_what_was_not_stopped) {
  start("no");
  start("unless", policy(RestartPolicy::unless_stopped));
  run(stop_container(engine_, start("stopped", policy(RestartPolicy::unless_stopped))));
  fake_.restart(fake::RestartKind::clean);
  EXPECT_EQ(find("no")->state, "exited");
  EXPECT_EQ(find("unless")->state, "running");
  EXPECT_EQ(find("stopped")->state, "exited");
}

class FakeLiveRestore : public FakeEngineFixture {
 protected:
  FakeLiveRestore() : FakeEngineFixture({.live_restore = true}) {}
};

TEST_F(FakeLiveRestore, containers_outlive_the_engine) {
  start("aa");
  fake_.die();
  EXPECT_EQ(find("aa")->state, "running");
  fake_.restart();
  EXPECT_EQ(find("aa")->state, "running");
  EXPECT_EQ(find("aa")->starts, 1);
}

TEST_F(FakeBehaviour, a_pull_asks_the_registry_and_says_what_it_says) {
  const Digest digest = fake_.put_in_registry("127.0.0.1:5000/shop/web:1", {.labels = {{"aa", "bb"}}});
  const ImageReference tag = parse_image_reference("127.0.0.1:5000/shop/web:1");
  const ImageDetails pulled = run(pull_image(engine_, tag));
  EXPECT_EQ(pulled.find_digest(tag.repository), digest);
  EXPECT_EQ(pulled.labels.at("aa"), "bb");
  expect_error([&] { run(pull_image(engine_, parse_image_reference("127.0.0.1:5000/shop/web:2"))); },
               ErrorKind::not_found, "manifest unknown");
  expect_error([&] { run(pull_image(engine_, parse_image_reference("127.0.0.1:1/x:1"))); },
               ErrorKind::refused, "connection refused");
  expect_error([&] { run(pull_image(engine_, parse_image_reference("absent:1"))); }, ErrorKind::not_found,
               "pull access denied");

  // The tag moves on; what was pulled stays.
  const Digest next = fake_.put_in_registry("127.0.0.1:5000/shop/web:1", {.content = "2"});
  EXPECT_NE(next, digest);
  EXPECT_EQ(run(resolve_digest(engine_, tag)), next);
  EXPECT_EQ(run(inspect_image(engine_, tag.to_string())).id, pulled.id);
  EXPECT_NE(run(pull_image(engine_, tag)).id, pulled.id);
}

TEST_F(FakeBehaviour, a_registry_fails_as_scripted) {
  const ImageReference tag = parse_image_reference("127.0.0.1:5000/shop/web:1");
  fake_.put_in_registry(tag.to_string());
  fake_.with_state([](fake::FakeEngineState& state) {
    state.registries().fail("127.0.0.1:5000", {.status = 500, .text = "toomanyrequests: slow down"});
  });
  expect_error([&] { run(pull_image(engine_, tag)); }, ErrorKind::refused, "toomanyrequests");
  fake_.with_state([](fake::FakeEngineState& state) {
    state.registries().clear_failures();
    state.registries().fail("127.0.0.1:5000/shop/web", {.text = "unexpected EOF", .after_messages = 3});
  });
  expect_error([&] { run(pull_image(engine_, tag)); }, ErrorKind::in_stream, "unexpected EOF");
  EXPECT_FALSE(run(find_image(engine_, tag.to_string())));
  fake_.with_state([](fake::FakeEngineState& state) { state.registries().clear_failures(); });
  run(pull_image(engine_, tag));
}

TEST_F(FakeBehaviour, a_private_registry_wants_credentials) {
  const ImageReference tag = parse_image_reference("127.0.0.1:5000/shop/web:1");
  fake_.put_in_registry(tag.to_string());
  fake_.with_state([](fake::FakeEngineState& state) {
    state.registries().require_login("127.0.0.1:5000", "ann", "a?b>c");
  });
  expect_error([&] { run(pull_image(engine_, tag)); }, ErrorKind::refused, "no basic auth credentials");
  const auto with = [](std::string password) {
    return RegistryCredentials{
        .username = "ann", .password = Secret(std::move(password)), .server_address = "127.0.0.1:5000"};
  };
  expect_error([&] { run(pull_image(engine_, tag, {.credentials = with("wrong")})); }, ErrorKind::refused,
               "unauthorized");
  EXPECT_NO_THROW(run(pull_image(engine_, tag, {.credentials = with("a?b>c")})));
}

TEST_F(FakeBehaviour, what_it_does_not_know_is_an_error_and_never_a_success) {
  EXPECT_EQ(expect_error([&] { run(request(engine_, "GET", "/nonsense")); }).kind(), ErrorKind::unsupported);
  EXPECT_EQ(expect_error([&] { run(request(engine_, "GET", "/containers/aa/b/json")); }).kind(),
            ErrorKind::unsupported);
  const auto ask = [&](Filters filters) { run(query_containers(engine_, {.filters = std::move(filters)})); };
  EXPECT_EQ(expect_error([&] { ask({{"nonsense", {"x"}}}); }).kind(), ErrorKind::bad_request);
  EXPECT_EQ(expect_error([&] { ask({{"volume", {"x"}}}); }).http_status(), 501);
  EXPECT_EQ(expect_error([&] { run(request(engine_, "GET", "/swarm")); }).http_status(), 503);
}

TEST_F(FakeBehaviour, addresses_are_taken_at_start_and_only_once) {
  run(create_network(engine_, {.name = "n", .subnet = "10.1.2.0/24", .gateway = "10.1.2.1"}));
  const auto at = [](std::optional<std::string> address) {
    return ContainerSpec{.network = NetworkAttachment{.network = "n", .ipv4 = std::move(address)}};
  };
  start("aa", at("10.1.2.2"));
  const ContainerId second = create("bb", at("10.1.2.2"));
  expect_error([&] { run(start_container(engine_, second)); }, ErrorKind::refused, "Address already in use");
  start("cc", at(std::nullopt));
  EXPECT_EQ(find("cc")->addresses.at("n"), "10.1.2.3");
  const ContainerId outside = create("dd", at("10.9.9.9"));
  expect_error([&] { run(start_container(engine_, outside)); }, ErrorKind::refused, "does not belong to any");
  run(stop_container(engine_, ContainerId("aa")));
  EXPECT_EQ(run(start_container(engine_, second)), Change::changed);
  expect_error([&] { run(remove_network(engine_, "n")); }, ErrorKind::refused, "has active endpoints");
}

asio::awaitable<std::vector<std::string>> past_actions(Engine& engine, EventOptions options) {
  EventStream stream = co_await open_events(engine, std::move(options));
  std::vector<std::string> actions;
  while (const auto event = co_await stream.next()) actions.push_back(event->action);
  co_return actions;
}

TEST_F(FakeBehaviour, events_are_remembered_until_the_engine_restarts) {
  const auto before = std::chrono::system_clock::now() - 1s;
  start("crash");
  const EventOptions past{.filters = {{"container", {"crash"}}},
                          .since = before,
                          .until = std::chrono::system_clock::now() + 1ms};
  EXPECT_EQ(run(past_actions(engine_, past)), (std::vector<std::string>{"create", "start", "die"}));
  fake_.restart();
  EXPECT_TRUE(run(past_actions(engine_, past)).empty());
}

TEST(FakeVersions, an_engine_says_what_its_version_says) {
  asio::io_context io;
  for (const ApiVersion version :
       {ApiVersion{1, 40}, ApiVersion{1, 41}, ApiVersion{1, 44}, ApiVersion{1, 55}}) {
    fake::FakeEngine fake({.api_version = version});
    Engine engine(io.get_executor(), fake.address());
    EXPECT_EQ(test_support::run(io, engine.api_version()), version);
    EXPECT_EQ(test_support::run(io, ping(engine)).api_version, version);
    fake.add_image("app:1");
    const ContainerId id =
        test_support::run(io, create_container(engine, {.name = "aa", .image = "app:1", .command = {"/app"}}))
            .id;
    test_support::run(io, start_container(engine, id));
    const std::string body = test_support::run(io, request(engine, "GET", "/containers/aa/json")).body;
    const std::string settings = body.substr(body.find("\"NetworkSettings\""));
    EXPECT_EQ(settings.find("\"LinkLocalIPv6Address\"") == std::string::npos, version >= ApiVersion(1, 52));
    const ContainerSpec two{.name = "two",
                            .image = "app:1",
                            .command = {"/app"},
                            .network = NetworkAttachment{.network = "bridge"},
                            .more_networks = {{.network = "none"}}};
    if (version >= ApiVersion{1, 44}) {
      EXPECT_NO_THROW(test_support::run(io, create_container(engine, two)));
    } else {
      EXPECT_THROW(test_support::run(io, create_container(engine, two)), Error);
    }
  }
}

TEST_F(FakeBehaviour, output_that_is_cut_while_the_container_runs_is_truncated) {
  fake_.inject(fake::cut_body(0), fake::on("POST", "/containers/*/attach"));
  try {
    test_support::run(io_, run_container(engine_, {.name = "job", .image = "app:1", .command = {"/app"}}));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::truncated) << error.what();
    EXPECT_TRUE(error.in_doubt());
  }
}

/// Runs a container, and then waits until somebody cancels it.
asio::awaitable<void> run_and_wait(Engine& engine, bool& has_run, bool& was_cancelled) {
  co_await run_container(engine, {.name = "crash", .image = "app:1", .command = {"/app"}});
  has_run = true;
  asio::steady_timer timer(engine.executor(), std::chrono::seconds(20));
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  was_cancelled = error == asio::error::operation_aborted;
}

asio::awaitable<void> run_until_cancelled(Engine& engine, std::exception_ptr& failed) {
  try {
    co_await run_container(engine, {.image = "app:1", .command = {"/app"}});
  } catch (...) {
    failed = std::current_exception();
  }
}

TEST_F(FakeBehaviour, a_run_that_is_cancelled_removes_its_container_and_says_so) {
  // Wherever it is: after so many turns of the loop.
  for (const int turns : {1, 3, 6, 10, 15, 25, 40, 70}) {
    asio::cancellation_signal cancel;
    std::exception_ptr failed;
    io_.restart();
    asio::co_spawn(io_, run_until_cancelled(engine_, failed),
                   asio::bind_cancellation_slot(cancel.slot(), asio::detached));
    // The container runs until it is stopped: once it does, nothing more happens by itself.
    for (int turn = 0; turn < turns; ++turn) io_.run_one_for(std::chrono::milliseconds(20));
    cancel.emit(asio::cancellation_type::terminal);
    io_.run();
    EXPECT_TRUE(fake_.containers().empty()) << "cancelled after " << turns << " turns";
    if (!failed) continue;  // it was over already
    try {
      std::rethrow_exception(failed);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
    } catch (const std::exception& other) {
      ADD_FAILURE() << "no Error of ours: " << other.what();
    }
  }
}

TEST_F(FakeBehaviour, who_has_run_a_container_can_be_cancelled_as_before) {
  asio::cancellation_signal cancel;
  bool has_run = false;
  bool was_cancelled = false;
  asio::co_spawn(io_, run_and_wait(engine_, has_run, was_cancelled),
                 asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  while (!has_run && io_.run_one() > 0) continue;
  cancel.emit(asio::cancellation_type::terminal);
  io_.run();
  EXPECT_TRUE(was_cancelled);
  EXPECT_TRUE(fake_.containers().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
