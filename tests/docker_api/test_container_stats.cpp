#include "docker_api/container_stats.hpp"

#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using test_support::answer;
using test_support::chunk;
using test_support::chunked_answer;
using test_support::k_chunked_head;
using test_support::ScriptedPeer;

/// As API 1.41 on cgroup v1 writes it.
constexpr const char* k_cgroup_v1 = R"({"read":"2026-11-20T10:00:01.5Z","preread":"2026-11-20T10:00:00.5Z",
  "pids_stats":{"current":3,"limit":50},
  "blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"Read","value":4096},
     {"major":8,"minor":0,"op":"Write","value":100},{"major":8,"minor":16,"op":"Read","value":4},
     {"major":8,"minor":0,"op":"Total","value":9999}],"io_serviced_recursive":[]},
  "num_procs":0,"storage_stats":{},
  "cpu_stats":{"cpu_usage":{"total_usage":3000,"percpu_usage":[1000,2000],"usage_in_kernelmode":5,"usage_in_usermode":6},
     "system_cpu_usage":20000,"online_cpus":2,"throttling_data":{"periods":1,"throttled_periods":7,"throttled_time":8}},
  "precpu_stats":{"cpu_usage":{"total_usage":1000,"percpu_usage":[400,600]},"system_cpu_usage":10000,"online_cpus":2},
  "memory_stats":{"usage":1000,"max_usage":2000,"stats":{"total_inactive_file":300,"cache":310},"limit":18446744073709551615},
  "name":"/web","id":"abc",
  "networks":{"eth0":{"rx_bytes":1,"rx_packets":2,"rx_errors":3,"rx_dropped":4,"tx_bytes":5,"tx_packets":6,"tx_errors":7,"tx_dropped":8}}})";

/// As API 1.52 on cgroup v2 writes it.
constexpr const char* k_cgroup_v2 =
    R"({"id":"abc","name":"/web","os_type":"linux","read":"2026-11-20T10:00:01Z",
  "cpu_stats":{"cpu_usage":{"total_usage":3000},"system_cpu_usage":20000,"online_cpus":4},
  "memory_stats":{"usage":1000,"stats":{"inactive_file":400,"slab":1},"limit":5000},
  "pids_stats":{"current":1,"limit":18446744073709551615},
  "blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"read","value":7},{"op":"write","value":9}],
     "io_serviced_recursive":null},
  "preread":"0001-01-01T00:00:00Z","precpu_stats":{"cpu_usage":{"total_usage":0}}})";

class StatsTest : public EngineFixture {};

TEST_F(StatsTest, one_sample_is_asked_for_with_both_words) {
  serve_bytes(answer(200, k_cgroup_v1));
  run(read_stats(*engine_, k_id));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/stats?stream=false&one-shot=true");
  serve_bytes(answer(200, k_cgroup_v1));
  run(read_stats(*engine_, k_id, StatsReading::two));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/stats?stream=false");
}

TEST_F(StatsTest, podmans_id_and_its_silence_about_what_does_not_run_are_understood) {
  serve_bytes(answer(200, R"({"Id":"abc","name":"web"})"));
  EXPECT_EQ(run(read_stats(*engine_, k_id)).id, ContainerId("abc"));
  serve_bytes(answer(200, ""));
  const StatsSample sample = run(read_stats(*engine_, k_id));
  EXPECT_EQ(sample.id, k_id);
  EXPECT_EQ(sample.read_at, std::nullopt);
}

TEST_F(StatsTest, a_sample_of_cgroup_v1_is_read) {
  serve_bytes(answer(200, k_cgroup_v1));
  const StatsSample sample = run(read_stats(*engine_, k_id));
  EXPECT_EQ(sample.id, ContainerId("abc"));
  EXPECT_EQ(sample.name, "web");
  EXPECT_EQ(sample.os_type, "");
  EXPECT_EQ(*sample.read_at - *sample.previous_read_at, std::chrono::seconds(1));
  EXPECT_EQ(sample.cpu.total, 3000U);
  EXPECT_EQ(sample.cpu.in_kernel, 5U);
  EXPECT_EQ(sample.cpu.in_user, 6U);
  EXPECT_EQ(sample.cpu.per_cpu, (std::vector<std::uint64_t>{1000, 2000}));
  EXPECT_EQ(sample.cpu.throttled_periods, 7U);
  EXPECT_EQ(sample.cpu.throttled_time, 8U);
  EXPECT_DOUBLE_EQ(sample.cpu_percent().value(), 40.0);
  EXPECT_EQ(sample.memory.usage_bytes, 1000U);
  EXPECT_EQ(sample.memory.max_usage_bytes, 2000U);
  EXPECT_EQ(sample.memory.limit_bytes, UINT64_MAX);
  EXPECT_EQ(sample.memory.working_set_bytes(), 700U);
  EXPECT_EQ(sample.networks.at("eth0").received_dropped, 4U);
  EXPECT_EQ(sample.networks.at("eth0").sent_bytes, 5U);
  EXPECT_EQ(sample.networks.at("eth0").sent_dropped, 8U);
  EXPECT_EQ(sample.block_read_bytes, 4100U);
  EXPECT_EQ(sample.block_written_bytes, 100U);
  EXPECT_EQ(sample.pids, 3U);
  EXPECT_EQ(sample.pids_limit, 50U);
}

TEST_F(StatsTest, a_sample_of_cgroup_v2_is_read) {
  serve_bytes(answer(200, k_cgroup_v2));
  const StatsSample sample = run(read_stats(*engine_, k_id));
  EXPECT_EQ(sample.os_type, "linux");
  EXPECT_EQ(sample.previous_read_at, std::nullopt);
  EXPECT_TRUE(sample.cpu.per_cpu.empty());
  EXPECT_EQ(sample.cpu.online_cpus, 4U);
  EXPECT_EQ(sample.cpu_percent(), std::nullopt) << "one reading is none to compare";
  EXPECT_EQ(sample.memory.max_usage_bytes, std::nullopt);
  EXPECT_EQ(sample.memory.working_set_bytes(), 600U);
  EXPECT_EQ(sample.pids_limit, std::nullopt) << "unlimited";
  EXPECT_EQ(sample.block_read_bytes, 7U);
  EXPECT_EQ(sample.block_written_bytes, 9U);
}

TEST_F(StatsTest, a_stopped_container_and_null_fields_give_an_empty_sample) {
  for (
      const char* body :
      {R"({"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}})",
       R"({"cpu_stats":null,"memory_stats":{"stats":null},"networks":null,"blkio_stats":{"io_service_bytes_recursive":null}})",
       "{}"}) {
    serve_bytes(answer(200, body));
    const StatsSample sample = run(read_stats(*engine_, k_id));
    EXPECT_EQ(sample.read_at, std::nullopt);
    EXPECT_EQ(sample.memory.usage_bytes, 0U);
    EXPECT_EQ(sample.pids, std::nullopt);
    EXPECT_EQ(sample.cpu_percent(), std::nullopt);
  }
}

TEST_F(StatsTest, another_type_is_an_error_that_names_the_field) {
  serve_bytes(answer(200, R"({"memory_stats":{"usage":"much"}})"));
  expect_error([&] { run(read_stats(*engine_, k_id)); }, ErrorKind::protocol, "usage");
  serve_bytes(answer(200, R"({"cpu_stats":{"cpu_usage":{"percpu_usage":[1,-1]}}})"));
  expect_error([&] { run(read_stats(*engine_, k_id)); }, ErrorKind::protocol, "percpu_usage");
}

TEST_F(StatsTest, an_absent_container_is_not_found) {
  serve_bytes(answer(404, R"({"message":"No such container: web"})"));
  EXPECT_EQ(expect_error([&] { run(read_stats(*engine_, k_id)); }).kind(), ErrorKind::not_found);
  EXPECT_EQ(expect_error([&] { run(open_stats(*engine_, k_id)); }).kind(), ErrorKind::not_found);
}

boost::asio::awaitable<std::vector<std::uint64_t>> read_memory(Engine& engine) {
  std::vector<std::uint64_t> readings;
  StatsStream stream = co_await open_stats(engine, k_id);
  while (const auto sample = co_await stream.next()) readings.push_back(sample->memory.usage_bytes);
  co_return readings;
}

TEST_F(StatsTest, samples_come_one_after_the_other_until_the_clean_end) {
  serve_bytes(chunked_answer({R"({"memory_stats":{"usage":1}})"
                              "\n",
                              R"({"memory_stats":{"us)", R"(age":2}})"}));
  EXPECT_EQ(run(read_memory(*engine_)), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(call_seen().target, "/v1.41/containers/web/stats?stream=true");
}

TEST_F(StatsTest, a_stream_cut_short_is_truncated) {
  serve_script([](ScriptedPeer& peer) {
    peer.read_request();
    peer.send(test_support::pong());
    peer.read_request();
    peer.send(std::string(k_chunked_head) + chunk(R"({"memory_stats":{"usage":1}})"));
    peer.close();
  });
  EXPECT_EQ(expect_error([&] { run(read_memory(*engine_)); }).kind(), ErrorKind::truncated);
}

}  // namespace
}  // namespace halcyon::docker_api
