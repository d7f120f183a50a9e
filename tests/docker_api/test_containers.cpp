#include "docker_api/containers.hpp"

#include <nlohmann/json.hpp>

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::answer;
using test_support::SeenRequest;
using StringMap = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

class ContainersTest : public EngineFixture {};

const std::string k_not_modified = "HTTP/1.1 304 Not Modified\r\n\r\n";

TEST_F(ContainersTest, create_sends_name_and_body_and_returns_id_and_warnings) {
  serve_bytes(answer(201, R"({"Id":"abc","Warnings":["no swap limit"]})"));
  const CreatedContainer created = run(create_container(*engine_, {.name = "web", .image = "sha256:1"}));
  EXPECT_EQ(created.id, ContainerId("abc"));
  EXPECT_EQ(created.warnings, (Lines{"no swap limit"}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/create?name=web");
  EXPECT_EQ(json::parse(call_seen().body)["Image"], "sha256:1");
}

TEST_F(ContainersTest, create_understands_null_warnings_and_insists_on_an_id) {
  serve_bytes(answer(201, R"({"Id":"abc","Warnings":null})"));
  EXPECT_TRUE(run(create_container(*engine_, {.image = "x"})).warnings.empty());
  EXPECT_EQ(call_seen().target, "/v1.41/containers/create");
  serve_bytes(answer(201, "{}"));
  expect_error([&] { run(create_container(*engine_, {.image = "x"})); }, ErrorKind::protocol, "named no id");
}

TEST_F(ContainersTest, start_and_stop_tell_a_change_from_none) {
  serve_bytes(k_no_content);
  EXPECT_EQ(run(start_container(*engine_, k_id)), Change::changed);
  EXPECT_EQ(run(stop_container(*engine_, k_id, 7s)), Change::changed);
  EXPECT_EQ(seen(),
            (Lines{"GET /_ping", "POST /v1.41/containers/web/start", "POST /v1.41/containers/web/stop?t=7"}));
  serve_bytes(k_not_modified);
  EXPECT_EQ(run(start_container(*engine_, k_id)), Change::already);
  EXPECT_EQ(run(stop_container(*engine_, k_id)), Change::already);
  EXPECT_EQ(seen().back(), "POST /v1.41/containers/web/stop");
}

TEST_F(ContainersTest, a_failed_start_says_the_runtimes_reason) {
  serve_bytes(answer(400, R"({"message":"failed to create task: exec: \"/app\": no such file"})"));
  expect_error([&] { run(start_container(*engine_, k_id)); }, ErrorKind::bad_request, "no such file");
}

TEST_F(ContainersTest, an_address_in_use_at_start_is_no_matter_of_credentials) {
  serve_bytes(answer(403, R"({"message":"Address already in use"})"));
  const Error error = expect_error([&] { run(start_container(*engine_, k_id)); });
  EXPECT_EQ(error.kind(), ErrorKind::refused);
  EXPECT_EQ(std::string(error.what()).find("credentials"), std::string::npos) << error.what();
}

TEST_F(ContainersTest, kill_rename_and_update_send_what_they_should) {
  serve([](const SeenRequest& request) { return request.body.empty() ? k_no_content : answer(200, "{}"); });
  run(kill_container(*engine_, k_id, "SIGHUP"));
  run(rename_container(*engine_, k_id, "web-old"));
  run(update_restart_policy(*engine_, k_id, RestartPolicy::always));
  EXPECT_EQ(seen(),
            (Lines{"GET /_ping", "POST /v1.41/containers/web/kill?signal=SIGHUP",
                   "POST /v1.41/containers/web/rename?name=web-old", "POST /v1.41/containers/web/update"}));
  EXPECT_EQ(json::parse(server_->requests().back().body),
            json::parse(R"({"RestartPolicy":{"Name":"always"}})"));
}

constexpr const char* k_running = R"({
  "Id":"abc","Name":"/web","Image":"sha256:1","RestartCount":3,"Created":"2026-11-20T10:00:00Z",
  "State":{"Status":"running","Running":true,"Paused":false,"OOMKilled":false,"Pid":4242,"ExitCode":0,"Error":"",
           "StartedAt":"2026-11-20T10:00:00.25Z","FinishedAt":"0001-01-01T00:00:00Z",
           "Health":{"Status":"unhealthy","FailingStreak":2,"Log":[{"ExitCode":1,"Output":"one"},{"Output":"two"}]}},
  "Config":{"Tty":true,"Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}}},
  "NetworkSettings":{"IPAddress":"","Ports":{
    "80/tcp":[{"HostIp":"127.0.0.1","HostPort":"49153"},{"HostIp":"::1","HostPort":"49154"}],
    "53/udp":[{"HostIp":"","HostPort":"53"}],"90/tcp":null},"Networks":{
    "shop":{"IPAMConfig":{"IPv4Address":"10.201.7.16"},"IPAddress":"10.201.7.16","Aliases":null},
    "bridge":{"IPAMConfig":null,"IPAddress":"172.17.0.2"}}}})";

TEST_F(ContainersTest, inspect_reads_a_running_container) {
  serve_bytes(answer(200, k_running));
  const ContainerDetails details = run(inspect_container(*engine_, k_id));
  EXPECT_EQ(details.id, ContainerId("abc"));
  EXPECT_EQ(details.name, "web");
  EXPECT_EQ(details.image, ImageId("sha256:1"));
  EXPECT_EQ(details.state, "running");
  EXPECT_TRUE(details.running);
  EXPECT_EQ(details.pid, 4242);
  EXPECT_EQ(details.restart_count, 3);
  EXPECT_EQ(details.started_at, std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h + 250ms);
  EXPECT_EQ(details.finished_at, std::nullopt);
  EXPECT_EQ(details.health, HealthStatus::unhealthy);
  EXPECT_EQ(details.health_log, (Lines{"one", "two"}));
  EXPECT_EQ(details.labels, (StringMap{{"a", "b"}}));
  EXPECT_EQ(details.addresses, (StringMap{{"bridge", "172.17.0.2"}, {"shop", "10.201.7.16"}}));
  EXPECT_EQ(details.fixed_addresses, (StringMap{{"shop", "10.201.7.16"}}));
  EXPECT_EQ(details.published_ports,
            (std::vector<PublishedPort>{
                {53, "", 53, "udp"}, {80, "127.0.0.1", 49153, "tcp"}, {80, "::1", 49154, "tcp"}}));
  EXPECT_TRUE(details.tty);
}

TEST_F(ContainersTest, inspect_reads_a_dead_container_and_a_state_it_does_not_know) {
  serve_bytes(answer(200, R"({"Id":"abc","Name":"/web","Image":"sha256:1",
    "State":{"Status":"stopping","ExitCode":137,"OOMKilled":true,"Error":"boom","StartedAt":"2026-11-20T10:00:00Z",
             "FinishedAt":"2026-11-20T10:00:01.999Z"},
    "Config":{"Labels":null},"NetworkSettings":{"Networks":{"shop":{"IPAddress":""}}}})"));
  const ContainerDetails details = run(inspect_container(*engine_, k_id));
  EXPECT_EQ(details.state, "stopping");
  EXPECT_FALSE(details.running);
  EXPECT_EQ(details.exit_code, 137);
  EXPECT_TRUE(details.oom_killed);
  EXPECT_EQ(details.error, "boom");
  EXPECT_EQ(*details.finished_at - *details.started_at, 1999ms);
  EXPECT_EQ(details.health, HealthStatus::none);
  EXPECT_TRUE(details.addresses.empty());
}

TEST_F(ContainersTest, every_field_may_be_null_or_missing) {
  for (const char* body : {"{}", R"({"State":null,"Config":null,"NetworkSettings":null,"Name":null})",
                           R"({"State":{"Health":null},"NetworkSettings":{"Networks":null}})"}) {
    serve_bytes(answer(200, body));
    EXPECT_NO_THROW(run(inspect_container(*engine_, k_id))) << body;
  }
}

TEST_F(ContainersTest, an_absent_container_is_nothing_to_find_and_an_error_to_inspect) {
  serve_bytes(answer(404, R"({"message":"No such container: web"})"));
  EXPECT_FALSE(run(find_container(*engine_, k_id)));
  expect_error([&] { run(inspect_container(*engine_, k_id)); }, ErrorKind::not_found,
               "No such container: web");
}

TEST_F(ContainersTest, other_failures_of_inspect_are_not_taken_for_absence) {
  serve_bytes(answer(500, "no"));
  EXPECT_EQ(expect_error([&] { run(find_container(*engine_, k_id)); }).kind(), ErrorKind::refused);
}

TEST_F(ContainersTest, list_is_one_round_trip_with_stopped_ones) {
  serve_bytes(answer(200, R"([
    {"Id":"a","Names":["/other/alias","/web"],"ImageID":"sha256:1","State":"running","Status":"Up 3 minutes","Labels":{"x":"1"},
     "Ports":[{"IP":"127.0.0.1","PrivatePort":80,"PublicPort":49153,"Type":"tcp"},{"PrivatePort":90,"Type":"tcp"}]},
    {"Id":"b","Names":null,"ImageID":"sha256:2","State":"exited","Status":"Exited 5 minutes ago","Labels":null}])"));
  const std::vector<ContainerSummary> list = run(list_containers(*engine_, {"x", "y=2"}));
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "web");
  EXPECT_EQ(list[0].labels, (StringMap{{"x", "1"}}));
  EXPECT_EQ(list[0].status, "Up 3 minutes");
  EXPECT_EQ(list[0].published_ports, (std::vector<PublishedPort>{{80, "127.0.0.1", 49153, "tcp"}}));
  EXPECT_EQ(list[1].name, "");
  EXPECT_EQ(list[1].image, ImageId("sha256:2"));
  EXPECT_EQ(list[1].state, "exited");
  EXPECT_EQ(call_seen().target,
            "/v1.41/containers/json?filters=%7B%22label%22%3A%5B%22x%22%2C%22y%3D2%22%5D%7D&all=1");
}

TEST_F(ContainersTest, remove_is_idempotent) {
  serve_bytes(k_no_content);
  EXPECT_EQ(run(remove_container(*engine_, k_id, {.force = true})), ContainerRemoval::removed);
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web?force=1&v=1");
  serve_bytes(answer(404, R"({"message":"No such container"})"));
  EXPECT_EQ(run(remove_container(*engine_, k_id)), ContainerRemoval::was_absent);
}

/// An engine that answers DELETE with 409 and then inspect with `inspected`.
std::function<std::string(const SeenRequest&)> busy_removal(std::string inspected, std::string waited = "") {
  return [inspected = std::move(inspected), waited = std::move(waited)](const SeenRequest& request) {
    if (request.method == "DELETE")
      return answer(409, R"({"message":"removal of container web is already in progress"})");
    return request.method == "GET" ? inspected : waited;
  };
}

TEST_F(ContainersTest, a_removal_already_in_progress_is_waited_for) {
  serve(busy_removal(answer(200, R"({"Id":"abc","State":{"Status":"removing"}})"),
                     test_support::chunked_answer({R"({"StatusCode":0})"})));
  EXPECT_EQ(run(remove_container(*engine_, k_id)), ContainerRemoval::removed);
  EXPECT_EQ(seen().back(), "POST /v1.41/containers/abc/wait?condition=removed");
}

TEST_F(ContainersTest, a_container_that_is_gone_after_a_conflict_was_removed) {
  serve(busy_removal(answer(404, R"({"message":"No such container"})")));
  EXPECT_EQ(run(remove_container(*engine_, k_id)), ContainerRemoval::removed);
  serve(busy_removal(answer(200, R"({"Id":"abc","State":{"Status":"removing"}})"), answer(404, "{}")));
  EXPECT_EQ(run(remove_container(*engine_, k_id)), ContainerRemoval::removed);
}

TEST_F(ContainersTest, a_running_container_is_a_conflict_whatever_the_text_says) {
  serve(busy_removal(answer(200, R"({"Id":"abc","State":{"Status":"running","Running":true}})")));
  expect_error([&] { run(remove_container(*engine_, k_id)); }, ErrorKind::conflict, "already in progress");
}

TEST_F(ContainersTest, empty_ids_are_never_sent) {
  serve_bytes(k_no_content);
  run(engine_->api_version());
  const ContainerId none;
  const std::vector<std::function<void()>> attempts = {
      [&] { run(inspect_container(*engine_, none)); },
      [&] { run(find_container(*engine_, none)); },
      [&] { run(start_container(*engine_, none)); },
      [&] { run(stop_container(*engine_, none)); },
      [&] { run(kill_container(*engine_, none)); },
      [&] { run(rename_container(*engine_, none, "x")); },
      [&] { run(rename_container(*engine_, k_id, "")); },
      [&] { run(remove_container(*engine_, none)); },
      [&] { run(update_restart_policy(*engine_, none, RestartPolicy::no)); }};
  for (const auto& attempt : attempts) EXPECT_EQ(expect_error(attempt).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(seen().size(), 1U);
}

}  // namespace
}  // namespace halcyon::docker_api
