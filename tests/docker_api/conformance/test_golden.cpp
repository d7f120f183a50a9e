// What engines of every API version and Podman answer to the same question: golden/ENGINE/CALL.json. Every
// typed call must read each, and find in it what is there.
#include <algorithm>
#include <filesystem>

#include "docker_api/container_list.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/containers.hpp"
#include "docker_api/disk_usage.hpp"
#include "docker_api/events.hpp"
#include "docker_api/image_list.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/system.hpp"
#include "docker_api/volumes.hpp"
#include "tests/docker_api/engine_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using test_support::SeenRequest;
using Names = std::vector<std::string>;

const std::string k_container = "feb9fe85d876a3925441884befa0a8b107144a6305c3c4140e7b22a7a2363a8f";
const std::string k_image = "sha256:a43fdf7aa81c9efbc3579ed530167c9ac75535b069327b1871bcfa2d8a6ded5f";

/// One engine and what is different about it.
struct Golden {
  const char* directory;
  const char* api_version;
  const char* version;
  const char* min_api_version;
  bool is_podman = false;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.directory; }

const Golden k_engines[] = {
    {"engine_1.40", "1.40", "20.10.24+dfsg1", "1.12"}, {"engine_1.41", "1.41", "20.10.24+dfsg1", "1.12"},
    {"engine_1.43", "1.43", "24.0.9", "1.12"},         {"engine_1.44", "1.44", "25.0.5", "1.24"},
    {"engine_1.47", "1.47", "27.3.1", "1.24"},         {"engine_1.48", "1.48", "28.0.4", "1.24"},
    {"engine_1.51", "1.51", "28.5.2", "1.24"},         {"engine_1.52", "1.52", "29.1.3", "1.44"},
    {"engine_1.53", "1.53", "29.2.1", "1.44"},         {"engine_1.55", "1.55", "29.7.2", "1.40"},
    {"podman_4", "1.41", "4.9.4", "1.24", true},       {"podman_5", "1.44", "5.8.2", "1.24", true},
};

class GoldenTest : public EngineFixture, public ::testing::WithParamInterface<Golden> {
 protected:
  const Golden& golden() const { return GetParam(); }
  bool speaks(const char* version) const {
    return parse_api_version(golden().api_version) >= parse_api_version(version);
  }
  /// The next call is answered with this file.
  void answer_with(const std::string& call) {
    const std::string path =
        std::string(HALCYON_TEST_GOLDEN) + "/" + golden().directory + "/" + call + ".json";
    const std::string body = testing::read_text(path);
    ASSERT_FALSE(body.empty()) << path;
    serve([body](const SeenRequest&) { return test_support::answer(200, body); }, golden().api_version);
  }
};

TEST_P(GoldenTest, version) {
  answer_with("version");
  const EngineVersion found = run(inspect_version(*engine_));
  EXPECT_EQ(found.version, golden().version);
  // The recorded answers to 1.40 come from an engine that has 1.41 as well, and says so.
  EXPECT_EQ(found.api_version,
            golden().directory == std::string("engine_1.40") ? "1.41" : golden().api_version);
  EXPECT_EQ(found.min_api_version, golden().min_api_version);
  EXPECT_EQ(found.os, "linux");
  EXPECT_EQ(found.architecture, "amd64");
  EXPECT_EQ(found.kernel_version, "6.1.0-021-amd64");
}

TEST_P(GoldenTest, info) {
  answer_with("info");
  const EngineInfo found = run(inspect_info(*engine_));
  EXPECT_EQ(found.name, golden().is_podman ? "podman-host" : "vm");
  EXPECT_EQ(found.root_dir,
            golden().is_podman ? "/home/me/.local/share/containers/storage" : "/var/lib/docker-testing");
  EXPECT_FALSE(found.storage_driver.empty());
  EXPECT_FALSE(found.live_restore_enabled);
  const bool is_rootless = golden().is_podman || golden().api_version == std::string("1.48") ||
                           golden().api_version == std::string("1.51");
  EXPECT_EQ(found.rootless, is_rootless);
  EXPECT_EQ(found.cpus, 2);
  EXPECT_EQ(found.memory_bytes, 25'276'510'208U);
  EXPECT_EQ(found.server_version, golden().version);
  EXPECT_EQ(found.operating_system, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(found.os_type, "linux");
  EXPECT_EQ(found.architecture, "x86_64");
  EXPECT_EQ(found.kernel_version, "6.1.0-021-amd64");
  EXPECT_EQ(found.containers, 1);
  EXPECT_EQ(found.containers_running, 1);
  EXPECT_EQ(found.images, 2);
  EXPECT_EQ(found.logging_driver, "json-file");
  EXPECT_NE(std::find(found.runtimes.begin(), found.runtimes.end(), found.default_runtime),
            found.runtimes.end());
  EXPECT_FALSE(found.security_options.empty());
  EXPECT_EQ(found.swarm_state, "inactive");
}

TEST_P(GoldenTest, container_inspect) {
  answer_with("container_inspect");
  const ContainerDetails found = run(inspect_container(*engine_, ContainerId("shop_web_1")));
  EXPECT_EQ(found.id.value, k_container);
  EXPECT_EQ(found.name, "shop_web_1");
  EXPECT_EQ(found.image.value, k_image);
  EXPECT_EQ(found.state, "running");
  EXPECT_TRUE(found.running);
  EXPECT_GT(found.pid, 0);
  EXPECT_TRUE(found.started_at);
  EXPECT_FALSE(found.finished_at) << "Go's zero time";
  EXPECT_EQ(found.labels.at("org.example.team"), "web");
  EXPECT_FALSE(found.tty);
  const bool has_health = golden().directory != std::string("podman_4");
  EXPECT_EQ(found.health, has_health ? HealthStatus::healthy : HealthStatus::none);
  EXPECT_EQ(found.health_log.size(), has_health ? 5U : 0U);
  // NetworkSettings.IPAddress is gone since 1.52: the address has always been read from its network.
  EXPECT_EQ(found.addresses, (std::map<std::string, std::string>{{"shop_net", "10.231.7.10"}}));
  EXPECT_TRUE(found.created_at);
  EXPECT_EQ(found.image_name, "shop/web:1");
  EXPECT_EQ(found.command, (Names{"/bin/busybox", "sh", "-c",
                                  "busybox echo out; busybox echo err >&2; exec busybox sleep 3600"}));
  EXPECT_EQ(found.environment, (Names{"GREETING=hello", "PATH=/bin"}));
  EXPECT_EQ(found.host_name, "feb9fe85d876");
  ASSERT_EQ(found.mounts.size(), 1U);
  EXPECT_EQ(found.mounts[0].type, "volume");
  EXPECT_EQ(found.mounts[0].name, "shop_data");
  EXPECT_EQ(found.mounts[0].destination, "/data");
  EXPECT_FALSE(found.mounts[0].read_only);
  EXPECT_EQ(found.restart_policy, "unless-stopped");
  EXPECT_EQ(found.network_mode, "shop_net");
  EXPECT_EQ(found.memory_bytes, 64 * 1024 * 1024);
  const bool says_fixed = !golden().is_podman;
  EXPECT_EQ(found.fixed_addresses.count("shop_net"), says_fixed ? 1U : 0U);
}

TEST_P(GoldenTest, container_list) {
  answer_with("container_list");
  const auto found = run(query_containers(*engine_, {}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id.value, k_container);
  EXPECT_EQ(found[0].name, "shop_web_1");
  EXPECT_EQ(found[0].image.value, k_image);
  EXPECT_EQ(found[0].image_name, golden().is_podman ? "localhost/shop/web:1" : "shop/web:1");
  // A state that only Podman knows stays a word.
  EXPECT_EQ(found[0].state, golden().directory == std::string("podman_4") ? "stopping" : "running");
  EXPECT_TRUE(found[0].created_at);
  EXPECT_EQ(found[0].labels.at("org.example.team"), "web");
  EXPECT_EQ(found[0].addresses.at("shop_net"), "10.231.7.10");
  EXPECT_FALSE(found[0].size_rw_bytes);
}

TEST_P(GoldenTest, image_inspect) {
  answer_with("image_inspect");
  const ImageDetails found = run(inspect_image(*engine_, "shop/web:1"));
  EXPECT_EQ(found.id.value, k_image);
  EXPECT_EQ(found.repo_tags, Names{golden().is_podman ? "localhost/shop/web:1" : "shop/web:1"});
  EXPECT_EQ(found.repo_digests.size(), golden().is_podman ? 1U : 0U);
  EXPECT_EQ(found.labels.at("org.example.team"), "web");
  EXPECT_EQ(found.environment, Names{"PATH=/bin"});
  EXPECT_EQ(found.command, (Names{"/bin/busybox", "sleep", "3600"}));
  EXPECT_EQ(found.entrypoint, Names{});
  EXPECT_EQ(found.user, "");
  EXPECT_EQ(found.os, "linux");
  EXPECT_EQ(found.architecture, "amd64");
  EXPECT_EQ(found.size_bytes, 1'982'269U);
  EXPECT_EQ(found.exposed_tcp_ports, std::vector<std::uint16_t>{8000});
  EXPECT_EQ(found.layers.size(), 1U);
  EXPECT_FALSE(found.has_healthcheck);
  // From 1.44 on it may be left out.
  EXPECT_EQ(found.created_at.has_value(), golden().directory != std::string("engine_1.44"));
}

TEST_P(GoldenTest, image_list) {
  answer_with("image_list");
  const auto found = run(list_images(*engine_));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].id.value, k_image);
  EXPECT_EQ(found[1].repo_tags, Names{golden().is_podman ? "localhost/shop/web:1" : "shop/web:1"});
  EXPECT_EQ(found[1].size_bytes, 1'982'269U);
  EXPECT_TRUE(found[1].created_at);
  if (golden().is_podman) {
    EXPECT_EQ(found[0].repo_tags, Names{}) << "<none>:<none> is no name";
    EXPECT_EQ(found[0].repo_digests, Names{});
  } else {
    // -1 is "not counted" before 1.51.
    EXPECT_EQ(found[1].containers, speaks("1.51") ? std::optional<std::uint64_t>(1) : std::nullopt);
    EXPECT_EQ(found[1].shared_bytes, std::nullopt);
  }
}

TEST_P(GoldenTest, network_inspect) {
  answer_with("network_inspect");
  const NetworkDetails found = run(inspect_network(*engine_, "shop_net"));
  EXPECT_EQ(found.name, "shop_net");
  EXPECT_EQ(found.driver, "bridge");
  EXPECT_EQ(found.subnets, Names{"10.231.7.0/24"});
  EXPECT_EQ(found.gateways, golden().is_podman ? Names{"10.231.7.1"} : Names{});
  EXPECT_EQ(found.labels.at("org.example.team"), "web");
  EXPECT_EQ(found.container_addresses.at(k_container), "10.231.7.10");
  EXPECT_EQ(found.scope, "local");
  EXPECT_FALSE(found.enable_ipv6);
}

TEST_P(GoldenTest, volume_list) {
  answer_with("volume_list");
  const auto found = run(list_volumes(*engine_));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name.value, "shop_data");
  EXPECT_EQ(found[0].driver, "local");
  EXPECT_EQ(found[0].labels.at("org.example.team"), "web");
  EXPECT_TRUE(found[0].created_at);
  EXPECT_FALSE(found[0].size_bytes);
}

TEST_P(GoldenTest, df) {
  answer_with("df");
  const DiskUsage found = run(inspect_disk_usage(*engine_));
  // Lists up to 1.51, both in 1.52, only totals from 1.53 on: the totals are always there.
  const bool has_items = !speaks("1.53");
  EXPECT_EQ(found.images.items.size(), has_items ? 2U : 0U);
  EXPECT_EQ(found.containers.items.size(), has_items ? 1U : 0U);
  EXPECT_EQ(found.volumes.items.size(), has_items ? 1U : 0U);
  EXPECT_EQ(found.images.total.count, 2U);
  EXPECT_EQ(found.images.total.active, 1U);
  EXPECT_EQ(found.images.total.total_bytes, 1'982'272U);
  EXPECT_EQ(found.images.total.reclaimable_bytes, 3U);
  EXPECT_EQ(found.containers.total.count, 1U);
  EXPECT_EQ(found.containers.total.active, 1U);
  EXPECT_EQ(found.volumes.total.count, 1U);
  EXPECT_EQ(found.volumes.total.active, 1U);
  EXPECT_EQ(found.build_cache.total.count, 0U);
}

asio::awaitable<Names> read_actions(Engine& engine, std::vector<std::string>& exit_codes) {
  EventStream stream = co_await open_events(engine);
  Names actions;
  while (const auto event = co_await stream.next()) {
    actions.push_back(event->type + " " + event->action);
    EXPECT_FALSE(event->actor_id.empty());
    EXPECT_GT(event->at.time_since_epoch().count(), 1'700'000'000'000'000'000);
    if (event->attributes.contains("exitCode")) exit_codes.push_back(event->attributes.at("exitCode"));
  }
  co_return actions;
}

TEST_P(GoldenTest, events) {
  answer_with("events");
  Names exit_codes;
  const Names actions = run(read_actions(*engine_, exit_codes));
  ASSERT_GE(actions.size(), 7U);
  EXPECT_EQ((Names{actions.begin(), actions.begin() + 6}),
            (Names{"image tag", "image import", "network create", "volume create", "volume create",
                   "container create"}));
  if (golden().is_podman) {
    EXPECT_EQ(actions.back(), "container die");
    EXPECT_EQ(exit_codes, Names{"7"});
  } else if (speaks("1.46")) {
    EXPECT_EQ(actions.back(), "image create");
  }
}

TEST_P(GoldenTest, stats) {
  answer_with("stats");
  const StatsSample found = run(read_stats(*engine_, ContainerId("shop_web_1"), StatsReading::two));
  EXPECT_EQ(found.name, "shop_web_1");
  EXPECT_EQ(found.os_type, speaks("1.52") ? "linux" : "");
  EXPECT_TRUE(found.read_at);
  EXPECT_GT(found.cpu.total, 0U);
  EXPECT_EQ(found.cpu.online_cpus, 2U);
  EXPECT_EQ(found.memory.limit_bytes, 67'108'864U);
  EXPECT_EQ(found.memory.usage_bytes > 0, true);
  EXPECT_EQ(found.networks.count("eth0"), 1U);
  EXPECT_EQ(found.pids, 1U);
  EXPECT_EQ(found.pids_limit, std::nullopt) << "the largest number means no limit";
  const bool is_cgroup_v1 = !speaks("1.43");
  if (!golden().is_podman) {
    EXPECT_EQ(found.cpu.per_cpu.size(), is_cgroup_v1 ? 2U : 0U);
    EXPECT_EQ(found.memory.max_usage_bytes.has_value(), is_cgroup_v1);
    EXPECT_EQ(found.block_read_bytes, is_cgroup_v1 ? 0U : 4096U);
    EXPECT_EQ(found.block_written_bytes, is_cgroup_v1 ? 0U : 8192U);
  } else {
    EXPECT_EQ(found.memory.max_usage_bytes, UINT64_MAX);
  }
}

TEST(GoldenFiles, each_directory_is_an_engine_of_the_table_with_all_calls) {
  std::size_t directories = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HALCYON_TEST_GOLDEN)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    if (name == "podman_4.3") continue;  // test_golden_podman.cpp
    ++directories;
    EXPECT_TRUE(std::any_of(std::begin(k_engines), std::end(k_engines), [&](const Golden& golden) {
      return golden.directory == name;
    })) << name;
    const auto files = std::filesystem::directory_iterator(entry.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 11) << name;
  }
  EXPECT_EQ(directories, std::size(k_engines));
}

std::string golden_name(const ::testing::TestParamInfo<Golden>& parameter) {
  std::string name = parameter.param.directory;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(engines, GoldenTest, ::testing::ValuesIn(k_engines), golden_name);

}  // namespace
}  // namespace halcyon::docker_api
