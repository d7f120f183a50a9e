// What a real Podman 4.3.1 answered (golden/podman_4.3): every typed call reads it, and finds in it what is
// there.
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

using Words = std::vector<std::string>;

const std::string k_podman_container = "feb9fe85d876a3925441884befa0a8b107144a6305c3c4140e7b22a7a2363a8f";
const std::string k_podman_image = "sha256:a43fdf7aa81c9efbc3579ed530167c9ac75535b069327b1871bcfa2d8a6ded5f";

class GoldenPodmanTest : public EngineFixture {
 protected:
  void answer_with(const std::string& call) {
    const std::string path = std::string(HALCYON_TEST_GOLDEN) + "/podman_4.3/" + call + ".json";
    const std::string body = testing::read_text(path);
    ASSERT_FALSE(body.empty()) << path;
    serve([body](const test_support::SeenRequest&) { return test_support::answer(200, body); });
  }
};

TEST_F(GoldenPodmanTest, version_and_info) {
  answer_with("version");
  const EngineVersion version = run(inspect_version(*engine_));
  EXPECT_EQ(version.version, "4.3.1");
  EXPECT_EQ(version.api_version, "1.41");
  answer_with("info");
  const EngineInfo info = run(inspect_info(*engine_));
  EXPECT_EQ(info.name, "podman-host");
  EXPECT_EQ(info.root_dir, "/var/lib/containers/storage");
  EXPECT_EQ(info.storage_driver, "overlay");
  EXPECT_FALSE(info.rootless);
  EXPECT_EQ(info.server_version, "4.3.1");
  EXPECT_EQ(info.operating_system, "debian");
  EXPECT_EQ(info.containers_running, 1);
  EXPECT_EQ(info.logging_driver, "");
  EXPECT_EQ(info.default_runtime, "runc");
}

TEST_F(GoldenPodmanTest, containers) {
  answer_with("container_inspect");
  const ContainerDetails found = run(inspect_container(*engine_, ContainerId("shop_web_1")));
  EXPECT_EQ(found.id.value, k_podman_container);
  EXPECT_EQ(found.image.value, k_podman_image);
  EXPECT_EQ(found.state, "running");
  EXPECT_EQ(found.health, HealthStatus::starting);
  EXPECT_EQ(found.health_log, Words{});
  EXPECT_EQ(found.addresses, (std::map<std::string, std::string>{{"shop_net", "10.231.7.10"}}));
  EXPECT_TRUE(found.fixed_addresses.empty()) << "it does not tell what it was asked for";
  EXPECT_EQ(found.image_name, "docker.io/shop/web:1");
  EXPECT_EQ(found.command.front(), "/bin/busybox");
  EXPECT_EQ(found.network_mode, "bridge") << "not the network's name, as Docker says";
  EXPECT_EQ(found.mounts.at(0).destination, "/data");
  EXPECT_EQ(found.restart_policy, "unless-stopped");
  EXPECT_EQ(found.memory_bytes, 64 * 1024 * 1024);
  answer_with("container_list");
  const auto list = run(query_containers(*engine_, {}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].name, "shop_web_1");
  EXPECT_EQ(list[0].image.value, k_podman_image);
  EXPECT_EQ(list[0].image_name, "docker.io/shop/web:1");
  EXPECT_EQ(list[0].addresses.at("shop_net"), "10.231.7.10");
}

TEST_F(GoldenPodmanTest, images) {
  answer_with("image_inspect");
  const ImageDetails found = run(inspect_image(*engine_, "shop/web:1"));
  EXPECT_EQ(found.id.value, k_podman_image);
  EXPECT_EQ(found.repo_tags, Words{"docker.io/shop/web:1"});
  ASSERT_EQ(found.repo_digests.size(), 1U);
  EXPECT_EQ(found.command, (Words{"/bin/busybox", "sleep", "3600"}));
  EXPECT_EQ(found.exposed_tcp_ports, std::vector<std::uint16_t>{8000});
  EXPECT_EQ(found.labels.at("org.example.team"), "web");
  answer_with("image_list");
  const auto list = run(list_images(*engine_));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].id.value, k_podman_image);
  EXPECT_EQ(list[0].repo_digests, found.repo_digests);
}

TEST_F(GoldenPodmanTest, networks_and_volumes) {
  answer_with("network_inspect");
  const NetworkDetails network = run(inspect_network(*engine_, "shop_net"));
  EXPECT_EQ(network.subnets, Words{"10.231.7.0/24"});
  EXPECT_EQ(network.gateways, Words{"10.231.7.1"});
  EXPECT_EQ(network.container_addresses.at(k_podman_container), "10.231.7.10");
  answer_with("volume_list");
  const auto volumes = run(list_volumes(*engine_));
  ASSERT_EQ(volumes.size(), 1U);
  EXPECT_EQ(volumes[0].name.value, "shop_data");
}

TEST_F(GoldenPodmanTest, disk_usage_whose_images_have_no_algorithm_before_their_ids) {
  answer_with("df");
  const DiskUsage found = run(inspect_disk_usage(*engine_));
  EXPECT_EQ(found.images.total.count, 5U);
  EXPECT_EQ(found.images.total.active, 1U);
  EXPECT_EQ(found.containers.total.count, 1U);
  EXPECT_EQ(found.volumes.total.count, 1U);
  EXPECT_EQ(found.images.items.back().id.value, k_podman_image);
}

boost::asio::awaitable<std::vector<Event>> read_podman_events(Engine& engine) {
  EventStream stream = co_await open_events(engine);
  std::vector<Event> events;
  while (const auto event = co_await stream.next()) events.push_back(*event);
  co_return events;
}

TEST_F(GoldenPodmanTest, events_of_which_only_containers_have_an_actor) {
  answer_with("events");
  const std::vector<Event> events = run(read_podman_events(*engine_));
  Words actions;
  for (const Event& event : events) actions.push_back(event.type + " " + event.action);
  EXPECT_EQ(actions, (Words{"system refresh", "image build", "volume create", "container create",
                            "container init", "container start"}));
  EXPECT_EQ(events[2].actor_id, "shop_data") << "a volume is its name, as with Docker";
  EXPECT_EQ(events.back().actor_id, k_podman_container);
  EXPECT_EQ(events.back().attributes.at("name"), "shop_web_1");
}

TEST_F(GoldenPodmanTest, stats) {
  answer_with("stats");
  const StatsSample found = run(read_stats(*engine_, ContainerId("shop_web_1"), StatsReading::two));
  EXPECT_EQ(found.name, "shop_web_1");
  EXPECT_GT(found.cpu.total, 0U);
  EXPECT_EQ(found.memory.limit_bytes, 67'108'864U);
  EXPECT_EQ(found.networks.size(), 1U);
  EXPECT_EQ(found.pids, 1U);
}

}  // namespace
}  // namespace halcyon::docker_api
