#include "docker_api/container_control.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/container_commit.hpp"
#include "docker_api/container_insight.hpp"
#include "docker_api/container_list.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::answer;
using test_support::SeenRequest;
using Lines = std::vector<std::string>;
using Rows = std::vector<Lines>;

class ControlTest : public EngineFixture {};

TEST_F(ControlTest, changes_send_what_they_should) {
  serve([](const SeenRequest&) { return k_no_content; }, "1.42");
  run(restart_container(*engine_, k_id));
  run(restart_container(*engine_, k_id, {.timeout = 3s, .signal = "SIGINT"}));
  run(pause_container(*engine_, k_id));
  run(unpause_container(*engine_, k_id));
  run(resize_container(*engine_, k_id, {.rows = 24, .columns = 80}));
  run(stop_container(*engine_, k_id, StopOptions{.timeout = 3s, .signal = "SIGINT"}));
  EXPECT_EQ(seen(),
            (Lines{"GET /_ping", "POST /v1.42/containers/web/restart",
                   "POST /v1.42/containers/web/restart?t=3&signal=SIGINT", "POST /v1.42/containers/web/pause",
                   "POST /v1.42/containers/web/unpause", "POST /v1.42/containers/web/resize?h=24&w=80",
                   "POST /v1.42/containers/web/stop?t=3&signal=SIGINT"}));
}

TEST_F(ControlTest, the_engines_refusals_come_through) {
  serve_bytes(answer(409, R"({"message":"Container web is not running"})"));
  for (const auto& attempt : std::vector<std::function<void()>>{
           [&] { run(pause_container(*engine_, k_id)); }, [&] { run(unpause_container(*engine_, k_id)); },
           [&] { run(resize_container(*engine_, k_id, {.rows = 1, .columns = 1})); },
           [&] { run(list_processes(*engine_, k_id)); }}) {
    expect_error(attempt, ErrorKind::conflict, "is not running");
  }
}

TEST_F(ControlTest, an_update_sends_only_what_changes) {
  serve_bytes(answer(200, R"({"Warnings":["no swap limit"]})"));
  EXPECT_EQ(run(update_container(*engine_, k_id, {.memory_bytes = std::uint64_t{1} << 33})),
            (Lines{"no swap limit"}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/update");
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({"Memory":8589934592})"));
}

TEST_F(ControlTest, an_update_sends_all_that_changes) {
  serve_bytes(answer(200, R"({"Warnings":null})"));
  EXPECT_TRUE(run(update_container(*engine_, k_id,
                                   {.memory_bytes = 1,
                                    .memory_reservation_bytes = 2,
                                    .memory_swap_bytes = -1,
                                    .nano_cpus = 4,
                                    .cpu_shares = 5,
                                    .cpu_period_microseconds = 6,
                                    .cpu_quota_microseconds = 7,
                                    .cpuset_cpus = "0-1",
                                    .cpuset_mems = "",
                                    .pids_limit = -1,
                                    .block_io_weight = 10,
                                    .restart_policy = RestartPolicy::on_failure,
                                    .restart_most_times = 3}))
                  .empty());
  EXPECT_EQ(json::parse(call_seen().body), json::parse(R"({"Memory":1,"MemoryReservation":2,"MemorySwap":-1,
    "NanoCpus":4,"CpuShares":5,"CpuPeriod":6,"CpuQuota":7,"CpusetCpus":"0-1","CpusetMems":"","PidsLimit":-1,
    "BlkioWeight":10,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3}})"));
}

TEST_F(ControlTest, an_update_of_nothing_and_a_count_without_its_policy_are_refused_unsent) {
  serve_bytes("");
  expect_error([&] { run(update_container(*engine_, k_id, {})); }, ErrorKind::invalid_argument, "nothing");
  expect_error([&] { run(update_container(*engine_, k_id, {.restart_most_times = 3})); },
               ErrorKind::invalid_argument, "on-failure");
  EXPECT_TRUE(seen().empty());
}

TEST_F(ControlTest, processes_are_a_table) {
  serve_bytes(answer(200, R"({"Titles":["PID","CMD"],"Processes":[["1","/app"],["7","sh -c x"]]})"));
  const ProcessList list = run(list_processes(*engine_, k_id, "-o pid,cmd"));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/top?ps_args=-o%20pid%2Ccmd");
  EXPECT_EQ(list.titles, (Lines{"PID", "CMD"}));
  EXPECT_EQ(list.rows, (Rows{{"1", "/app"}, {"7", "sh -c x"}}));
  serve_bytes(answer(200, R"({"Titles":["PID"],"Processes":null})"));
  EXPECT_TRUE(run(list_processes(*engine_, k_id)).rows.empty());
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/top");
  serve_bytes(answer(200, R"({"Processes":[[1]]})"));
  expect_error([&] { run(list_processes(*engine_, k_id)); }, ErrorKind::protocol, "Processes");
}

TEST_F(ControlTest, file_changes_have_three_kinds) {
  serve_bytes(answer(200, R"([{"Path":"/etc","Kind":0},{"Path":"/new","Kind":1},{"Path":"/old","Kind":2}])"));
  const auto changes = run(list_file_changes(*engine_, k_id));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/changes");
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].kind, FileChangeKind::modified);
  EXPECT_EQ(changes[1].kind, FileChangeKind::added);
  EXPECT_EQ(changes[2].kind, FileChangeKind::deleted);
  EXPECT_EQ(changes[2].path, "/old");
  serve_bytes(answer(200, "null"));
  EXPECT_TRUE(run(list_file_changes(*engine_, k_id)).empty());
  serve_bytes(answer(200, R"([{"Path":"/x","Kind":3}])"));
  expect_error([&] { run(list_file_changes(*engine_, k_id)); }, ErrorKind::protocol, "unknown kind 3");
}

TEST_F(ControlTest, a_commit_names_its_image) {
  serve_bytes(answer(201, R"({"Id":"sha256:7"})"));
  EXPECT_EQ(run(commit_container(*engine_, k_id)), ImageId("sha256:7"));
  EXPECT_EQ(call_seen().target, "/v1.41/commit?container=web");
  EXPECT_EQ(call_seen().header("Content-Length"), "0");
  serve_bytes(answer(201, R"({"Id":"sha256:7"})"));
  run(commit_container(*engine_, k_id,
                       {.tag = parse_image_reference("r.io/web"),
                        .comment = "a b",
                        .author = "me",
                        .changes = {"ENV A=1", "CMD [\"/x\"]"},
                        .pause = false}));
  EXPECT_EQ(
      call_seen().target,
      "/v1.41/commit?container=web&repo=r.io%2Fweb&tag=latest&comment=a%20b&author=me&changes=ENV%20A%3D1"
      "&changes=CMD%20%5B%22%2Fx%22%5D&pause=0");
  serve_bytes(answer(201, "{}"));
  expect_error([&] { run(commit_container(*engine_, k_id)); }, ErrorKind::protocol, "named no id");
  const ImageReference pinned = parse_image_reference("r.io/web@sha256:" + std::string(64, 'd'));
  expect_error([&] { run(commit_container(*engine_, k_id, {.tag = pinned})); }, ErrorKind::invalid_argument,
               "a digest cannot be given away");
}

TEST_F(ControlTest, a_list_takes_every_condition) {
  serve_bytes(answer(200, "[]"));
  EXPECT_TRUE(run(query_containers(*engine_, {.filters = {{"status", {"running", "paused"}}, {"name", {"x"}}},
                                              .all = false,
                                              .limit = 3,
                                              .size = true}))
                  .empty());
  EXPECT_EQ(
      call_seen().target,
      "/v1.41/containers/json?filters=%7B%22name%22%3A%5B%22x%22%5D%2C%22status%22%3A%5B%22running%22%2C"
      "%22paused%22%5D%7D&limit=3&size=1");
}

TEST_F(ControlTest, list_elements_have_sizes_addresses_and_times_of_both_kinds) {
  serve_bytes(
      answer(200, R"([{"Id":"a","Names":["/web"],"Image":"redis:7","ImageID":"sha256:1","Command":"redis",
    "Created":1700000000,"SizeRw":5,"SizeRootFs":6000000000,"State":"running",
    "NetworkSettings":{"Networks":{"shop":{"IPAddress":"10.0.0.2"},"idle":{"IPAddress":""}}}},
    {"Id":"b","Created":"2023-11-14T22:13:20Z","NetworkSettings":null},{"Id":"c","Created":null}])"));
  const auto list = run(query_containers(*engine_, {}));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].image_name, "redis:7");
  EXPECT_EQ(list[0].command, "redis");
  EXPECT_EQ(list[0].size_rw_bytes, 5U);
  EXPECT_EQ(list[0].size_root_fs_bytes, 6'000'000'000U);
  EXPECT_EQ(list[0].addresses, (std::map<std::string, std::string>{{"shop", "10.0.0.2"}}));
  EXPECT_TRUE(list[0].created_at);
  EXPECT_EQ(list[0].created_at, list[1].created_at);
  EXPECT_EQ(list[1].size_rw_bytes, std::nullopt);
  EXPECT_EQ(list[2].created_at, std::nullopt);
}

TEST_F(ControlTest, inspect_gives_sizes_when_asked) {
  serve_bytes(answer(200, R"({"Id":"a","SizeRw":0,"SizeRootFs":77})"));
  const ContainerDetails details = run(inspect_container(*engine_, k_id, {.size = true}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/json?size=1");
  EXPECT_EQ(details.size_rw_bytes, 0U);
  EXPECT_EQ(details.size_root_fs_bytes, 77U);
}

TEST_F(ControlTest, empty_ids_are_never_sent) {
  serve_bytes("");
  const ContainerId none;
  for (const auto& attempt : std::vector<std::function<void()>>{
           [&] { run(restart_container(*engine_, none)); }, [&] { run(pause_container(*engine_, none)); },
           [&] { run(unpause_container(*engine_, none)); },
           [&] { run(resize_container(*engine_, none, {})); },
           [&] { run(update_container(*engine_, none, {.memory_bytes = 1})); },
           [&] { run(list_processes(*engine_, none)); }, [&] { run(list_file_changes(*engine_, none)); },
           [&] { run(commit_container(*engine_, none)); }}) {
    EXPECT_EQ(expect_error(attempt).kind(), ErrorKind::invalid_argument);
  }
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
