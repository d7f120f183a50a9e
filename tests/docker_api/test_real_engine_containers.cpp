// Containers beyond their life cycle, against a real engine: see real_engine_fixture.hpp.
#include <algorithm>

#include "docker_api/checkpoints.hpp"
#include "docker_api/container_archive.hpp"
#include "docker_api/container_commit.hpp"
#include "docker_api/container_control.hpp"
#include "docker_api/container_insight.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/image_list.hpp"
#include "docker_api/image_save.hpp"
#include "docker_api/network_endpoints.hpp"
#include "docker_api/prune.hpp"
#include "tests/docker_api/real_engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A body that is there already.
class StringSource final : public BodySource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string_view read() override {
    const std::string_view piece = sent_ ? std::string_view{} : bytes_;
    sent_ = true;
    return piece;
  }

 private:
  std::string bytes_;
  bool sent_ = false;
};

asio::awaitable<std::string> read_download(asio::awaitable<ArchiveStream> opening) {
  ArchiveStream stream = co_await std::move(opening);
  std::string bytes;
  for (std::string_view piece = co_await stream.read_some(); !piece.empty();
       piece = co_await stream.read_some()) {
    bytes += piece;
  }
  co_return bytes;
}

asio::awaitable<std::string> get_file(Engine& engine, ContainerId id, std::string path) {
  PathArchive opened = co_await open_archive(engine, std::move(id), std::move(path));
  std::string bytes;
  for (std::string_view piece = co_await opened.archive.read_some(); !piece.empty();
       piece = co_await opened.archive.read_some()) {
    bytes += piece;
  }
  co_return bytes;
}

class RealContainersTest : public RealEngineFixture {
 protected:
  ContainerId start(const std::string& script = k_serve) {
    const ContainerId id = run(create_container(engine_, shell(build_busybox(), script))).id;
    run(start_container(engine_, id));
    if (script.ends_with(k_serve)) run(wait_until_ready(id));
    return id;
  }
  /// Until it has said so, what the script does before may not have been done.
  asio::awaitable<void> wait_until_ready(ContainerId id) {
    LogReader reader = co_await open_logs(engine_, std::move(id), {.follow = true, .tty = false});
    std::string said;
    while (said.find("ready") == std::string::npos) {
      const auto piece = co_await reader.next();
      if (!piece) throw std::runtime_error("the container ended before it was ready: " + said);
      said += piece->bytes;
    }
  }
  std::string state(const ContainerId& id) { return run(inspect_container(engine_, id)).state; }
};

TEST_F(RealContainersTest, a_container_is_paused_restarted_and_updated) {
  const ContainerId id = start();
  run(pause_container(engine_, id));
  EXPECT_EQ(state(id), "paused");
  expect_error([&] { run(pause_container(engine_, id)); }, ErrorKind::conflict, "already paused");
  run(unpause_container(engine_, id));
  EXPECT_EQ(state(id), "running");
  const auto started_at = run(inspect_container(engine_, id)).started_at;
  run(restart_container(engine_, id, {.timeout = 5s}));
  EXPECT_GT(run(inspect_container(engine_, id)).started_at, started_at);
  run(update_container(engine_, id,
                       {.memory_bytes = 64 << 20,
                        .memory_swap_bytes = 64 << 20,
                        .pids_limit = 20,
                        .restart_policy = RestartPolicy::on_failure,
                        .restart_most_times = 2}));
  const StatsSample sample = run(read_stats(engine_, id));
  EXPECT_EQ(sample.memory.limit_bytes, 64U << 20);
  EXPECT_EQ(sample.pids_limit, 20U);
}

TEST_F(RealContainersTest, the_ports_that_the_engine_chose_are_told_by_inspect_and_list) {
  run(create_network(engine_, {.name = prefix_ + "-n", .subnet = "10.213.77.0/24", .labels = labels()}));
  ContainerSpec spec = shell(build_busybox(), k_serve);
  spec.network = NetworkAttachment{.network = prefix_ + "-n"};
  spec.published_ports = {{.container_port = 80}, {.container_port = 53, .protocol = "udp"}};
  const ContainerId id = run(create_container(engine_, spec)).id;
  EXPECT_TRUE(run(inspect_container(engine_, id)).published_ports.empty());
  run(start_container(engine_, id));
  const std::vector<PublishedPort> ports = run(inspect_container(engine_, id)).published_ports;
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0].protocol, "udp");
  EXPECT_EQ(ports[1], (PublishedPort{80, "127.0.0.1", ports[1].host_port, "tcp"}));
  EXPECT_NE(ports[1].host_port, 0);
  const auto listed = run(list_containers(engine_, {label_})).at(0).published_ports;
  EXPECT_TRUE(std::is_permutation(ports.begin(), ports.end(), listed.begin(), listed.end()));
}

TEST_F(RealContainersTest, what_needs_a_newer_engine_is_refused_here) {
  const ApiVersion version = run(engine_.api_version());
  if (version >= ApiVersion{1, 42}) GTEST_SKIP() << "this engine speaks " << to_string(version);
  const ContainerId id = start();
  EXPECT_EQ(expect_error([&] { run(restart_container(engine_, id, {.signal = "SIGINT"})); }).kind(),
            ErrorKind::unsupported);
  EXPECT_EQ(expect_error([&] {
              run(prune_volumes(engine_, {.filters = {{"label", {label_}}}}));
            }).kind(),
            ErrorKind::unsupported);
}

TEST_F(RealContainersTest, without_experimental_features_there_are_no_checkpoints) {
  if (run(inspect_info(engine_)).experimental) GTEST_SKIP() << "this engine is experimental";
  const ContainerId id = start();
  expect_error([&] { run(create_checkpoint(engine_, id, "warm")); }, ErrorKind::refused, "experimental");
  expect_error([&] { run(list_checkpoints(engine_, id)); }, ErrorKind::refused, "experimental");
  EXPECT_EQ(state(id), "running");
}

TEST_F(RealContainersTest, processes_and_file_changes_are_seen) {
  const ContainerId id = start("echo x > /new; " + std::string(k_serve));
  const ProcessList list = run(list_processes(engine_, id, "-o pid,args"));
  EXPECT_EQ(list.titles.size(), 2U);
  ASSERT_FALSE(list.rows.empty());
  EXPECT_NE(list.rows[0].at(1).find("/bin/sh"), std::string::npos);
  run(stop_container(engine_, id, 5s));
  const auto changes = run(list_file_changes(engine_, id));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].path, "/new");
  EXPECT_EQ(changes[0].kind, FileChangeKind::added);
  EXPECT_NE(expect_error([&] { run(list_processes(engine_, id)); }).engine_text(), "") << "it does not run";
}

TEST_F(RealContainersTest, a_terminal_is_resized) {
  ContainerSpec spec = shell(build_busybox(), k_serve);
  spec.tty = true;
  const ContainerId id = run(create_container(engine_, spec)).id;
  EXPECT_NE(
      expect_error([&] { run(resize_container(engine_, id, {.rows = 1, .columns = 1})); }).engine_text(), "");
  run(start_container(engine_, id));
  run(resize_container(engine_, id, {.rows = 30, .columns = 100}));
}

TEST_F(RealContainersTest, lists_take_conditions_and_give_sizes) {
  const ContainerId id = start("echo 12345 > /new; " + std::string(k_serve));
  const Filters here{{"label", {label_}}};
  auto list = run(query_containers(engine_, {.filters = here, .all = false, .size = true}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_TRUE(list[0].created_at);
  EXPECT_TRUE(list[0].size_rw_bytes);
  EXPECT_GT(list[0].size_root_fs_bytes.value_or(0), 10'000U);
  const ContainerDetails details = run(inspect_container(engine_, id, {.size = true}));
  EXPECT_EQ(details.size_rw_bytes, 6U);
  EXPECT_EQ(run(inspect_container(engine_, id)).size_rw_bytes, std::nullopt);
  run(kill_container(engine_, id));
  run(stop_container(engine_, id));
  EXPECT_TRUE(run(query_containers(engine_, {.filters = here, .all = false})).empty());
  EXPECT_EQ(run(query_containers(engine_, {.filters = {{"label", {label_}}, {"status", {"exited"}}}})).size(),
            1U);
  EXPECT_EQ(expect_error([&] {
              run(query_containers(engine_, {.filters = {{"nonsense", {"x"}}}}));
            }).kind(),
            ErrorKind::bad_request);
  EXPECT_EQ(run(prune_containers(engine_, here)).removed, (std::vector<std::string>{id.value}));
}

asio::awaitable<std::vector<StatsSample>> take_samples(Engine& engine, ContainerId id, std::size_t wanted) {
  StatsStream stream = co_await open_stats(engine, std::move(id));
  std::vector<StatsSample> samples;
  while (samples.size() < wanted) {
    const auto sample = co_await stream.next();
    if (!sample) break;
    samples.push_back(*sample);
  }
  co_return samples;
}

TEST_F(RealContainersTest, stats_come_at_once_with_a_comparison_or_as_a_stream) {
  const ContainerId id = start("while :; do :; done");
  const StatsSample one = run(read_stats(engine_, id));
  EXPECT_EQ(one.id, id);
  EXPECT_EQ(one.name, prefix_ + "-c");
  EXPECT_TRUE(one.read_at);
  EXPECT_GT(one.memory.usage_bytes, 0U);
  EXPECT_GT(one.pids.value_or(0), 0U);
  EXPECT_EQ(one.cpu_percent(), std::nullopt);
  const StatsSample two = run(read_stats(engine_, id, StatsReading::two));
  EXPECT_GT(two.cpu_percent().value_or(0), 1.0);
  const auto samples = run(take_samples(engine_, id, 2));
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_GT(samples[1].cpu.total, samples[0].cpu.total);
  run(kill_container(engine_, id));
  run(stop_container(engine_, id));
  EXPECT_EQ(run(read_stats(engine_, id)).read_at, std::nullopt) << "a stopped one uses nothing";
}

TEST_F(RealContainersTest, files_go_in_and_come_out) {
  const ContainerId id = run(create_container(engine_, shell(build_busybox(), "true"))).id;
  const std::string content(100'000, 'c');
  run(put_archive(engine_, id, "/",
                  make_tar_source({{.name = "data/a b.txt", .content = content, .mode = 0640}})));
  const auto stat = run(find_path(engine_, id, "/data/a b.txt"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->name, "a b.txt");
  EXPECT_EQ(stat->size_bytes, content.size());
  EXPECT_EQ(stat->permissions(), 0640U);
  EXPECT_FALSE(stat->is_directory());
  EXPECT_TRUE(run(find_path(engine_, id, "/data"))->is_directory());
  EXPECT_FALSE(run(find_path(engine_, id, "/absent")));
  EXPECT_FALSE(run(find_path(engine_, ContainerId(prefix_ + "-absent"), "/data")));
  EXPECT_NE(run(get_file(engine_, id, "/data")).find(content), std::string::npos);
  EXPECT_EQ(expect_error([&] { run(get_file(engine_, id, "/absent")); }).kind(), ErrorKind::not_found);
  EXPECT_NE(run(read_download(export_container(engine_, id))).find("data/a b.txt"), std::string::npos);
}

TEST_F(RealContainersTest, an_archive_for_a_wrong_place_is_refused_with_the_reason) {
  const ContainerId id = run(create_container(engine_, shell(build_busybox(), "true"))).id;
  const std::string big(4'000'000, 'b');
  const auto put = [&](const std::string& path) {
    run(put_archive(engine_, id, path, make_tar_source({{.name = "x", .content = big}})));
  };
  const Error absent = expect_error([&] { put("/absent"); });
  EXPECT_EQ(absent.kind(), ErrorKind::not_found) << absent.what();
  const Error file = expect_error([&] { put("/bin/busybox"); });
  EXPECT_NE(file.engine_text().find("not a directory"), std::string::npos) << file.what();
  const auto put_broken = [&] {
    run(put_archive(engine_, id, "/", std::make_shared<StringSource>("no tar")));
  };
  EXPECT_FALSE(expect_error(put_broken).engine_text().empty());
}

TEST_F(RealContainersTest, a_container_becomes_an_image_that_is_saved_and_loaded) {
  const ContainerId id = run(create_container(engine_, shell(build_busybox(), "true"))).id;
  const ImageReference tag = reference("committed:1");
  const ImageId image = run(commit_container(
      engine_, id, {.tag = tag, .comment = "by a test", .changes = {"ENV A=1", "LABEL x=y"}}));
  const ImageDetails details = run(inspect_image(engine_, tag.to_string()));
  EXPECT_EQ(details.id, image);
  EXPECT_EQ(details.labels.at("x"), "y");
  EXPECT_EQ(details.layers.size(),
            run(inspect_image(engine_, registry_ + "/" + prefix_ + "/busybox:1")).layers.size())
      << "nothing was written: no layer";
  const auto history = run(list_image_history(engine_, image.value));
  EXPECT_EQ(history.at(0).comment, "by a test");
  EXPECT_TRUE(history.at(0).created_at);
  const auto listed = run(list_images(engine_, {.filters = {{"reference", {tag.repository + ":1"}}}}));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].id, image);
  EXPECT_EQ(listed[0].repo_tags, (std::vector<std::string>{tag.to_string()}));

  const std::string archive = run(read_download(save_images(engine_, {tag.to_string()})));
  run(remove_container(engine_, id));
  const ImageRemoval removal = run(remove_image_parts(engine_, tag.to_string(), {}));
  EXPECT_EQ(removal.untagged, (std::vector<std::string>{tag.to_string()}));
  EXPECT_EQ(removal.deleted.front(), image);
  EXPECT_EQ(run(load_images(engine_, std::make_shared<StringSource>(archive))),
            (std::vector<std::string>{tag.to_string()}));
  EXPECT_EQ(run(inspect_image(engine_, tag.to_string())).id, image);
}

TEST_F(RealContainersTest, saving_what_is_not_there_is_an_error_however_the_engine_says_it) {
  const Error error =
      expect_error([&] { run(read_download(save_images(engine_, {prefix_ + "-absent:1"}))); });
  EXPECT_FALSE(error.engine_text().empty()) << error.what();
}

TEST_F(RealContainersTest, a_container_joins_a_network_and_leaves_it) {
  run(create_network(engine_, {.name = prefix_ + "-n", .subnet = "10.213.77.0/24", .labels = labels()}));
  const ContainerId id = start();
  const NetworkAttachment network{.network = prefix_ + "-n", .ipv4 = "10.213.77.9", .aliases = {"web"}};
  ContainerSpec spec = shell(ImageId(run(inspect_container(engine_, id)).image), k_serve);
  spec.name += "2";
  spec.network = NetworkAttachment{.network = prefix_ + "-n"};
  const ContainerId other = run(create_container(engine_, spec)).id;
  run(start_container(engine_, other));
  EXPECT_EQ(run(inspect_network(engine_, prefix_ + "-n")).container_addresses.size(), 1U);
  run(disconnect_container(engine_, prefix_ + "-n", other));
  run(connect_container(engine_, network, other));
  EXPECT_EQ(run(inspect_container(engine_, other)).addresses.at(prefix_ + "-n"), "10.213.77.9");
  EXPECT_EQ(expect_error([&] { run(connect_container(engine_, network, other)); }).kind(),
            ErrorKind::refused);
  run(disconnect_container(engine_, prefix_ + "-n", other, true));
  EXPECT_EQ(run(query_networks(engine_, {{"name", {prefix_ + "-n"}}})).size(), 1U);
  EXPECT_EQ(run(prune_networks(engine_, {{"label", {label_}}})).removed,
            (std::vector<std::string>{prefix_ + "-n"}));
}

}  // namespace
}  // namespace halcyon::docker_api
