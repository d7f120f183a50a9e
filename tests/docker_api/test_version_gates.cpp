#include "docker_api/version_gates.hpp"

#include <map>

#include "docker_api/container_control.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/disk_usage.hpp"
#include "docker_api/image_attestations.hpp"
#include "docker_api/image_progress.hpp"
#include "docker_api/image_save.hpp"
#include "docker_api/network_endpoints.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/prune.hpp"
#include "docker_api/services.hpp"
#include "tests/docker_api/engine_fixture.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using test_support::answer;

/// A body of nothing.
class EmptySource final : public BodySource {
 public:
  std::string_view read() override { return {}; }
};

class VersionGatesTest : public EngineFixture {
 protected:
  /// A call that uses the option, and what of it must then be seen in the request.
  struct Use {
    std::function<void()> call;
    std::string sent;
  };

  void create(const std::function<void(ContainerSpec&)>& change) {
    ContainerSpec spec{.image = "sha256:1", .network = NetworkAttachment{.network = "one"}};
    change(spec);
    run(create_container(*engine_, spec));
  }
  void mount(Mount mount) {
    create([&](ContainerSpec& spec) { spec.mounts = {std::move(mount)}; });
  }

  std::map<GatedOption, Use> uses() {
    const ContainerId id("web");
    const Platform arm{.os = "linux", .architecture = "arm64"};
    const ImageReference tag = parse_image_reference("r.io/web:1");
    const auto source = std::make_shared<EmptySource>();
    return {
        {GatedOption::container_platform,
         {[=, this] { create([](ContainerSpec& spec) { spec.platform = "linux/arm64"; }); },
          "platform=linux%2Farm64"}},
        {GatedOption::cgroup_namespace,
         {[=, this] { create([](ContainerSpec& spec) { spec.cgroup_namespace = "host"; }); },
          R"("CgroupnsMode":"host")"}},
        {GatedOption::stats_one_shot, {[=, this] { run(read_stats(*engine_, id)); }, "one-shot=true"}},
        {GatedOption::service_list_status,
         {[=, this] { run(list_services(*engine_, {.status = true})); }, "status=1"}},
        {GatedOption::console_size,
         {[=, this] {
            create([](ContainerSpec& spec) {
              spec.tty = true;
              spec.console_size = ConsoleSize{.rows = 24, .columns = 80};
            });
          },
          R"("ConsoleSize":[24,80])"}},
        {GatedOption::stop_signal,
         {[=, this] { run(stop_container(*engine_, id, StopOptions{.signal = "SIGINT"})); },
          "signal=SIGINT"}},
        {GatedOption::restart_signal,
         {[=, this] { run(restart_container(*engine_, id, {.signal = "SIGINT"})); }, "signal=SIGINT"}},
        {GatedOption::disk_usage_type,
         {[=, this] { run(inspect_disk_usage(*engine_, {.types = {"image"}})); }, "type=image"}},
        {GatedOption::image_list_shared_size,
         {[=, this] { run(list_images(*engine_, {.shared_size = true})); }, "shared-size=1"}},
        {GatedOption::volume_prune_all, {[=, this] { run(prune_volumes(*engine_)); }, "/volumes/prune"}},
        {GatedOption::volume_update,
         {[=, this] { run(update_cluster_volume(*engine_, VolumeName("v"), 7, "{}")); }, "version=7"}},
        {GatedOption::annotations,
         {[=, this] { create([](ContainerSpec& spec) {
                        spec.annotations = {{"a", "b"}};
                      }); },
          R"("Annotations":{"a":"b"})"}},
        {GatedOption::start_interval,
         {[=, this] { create([](ContainerSpec& spec) { spec.healthcheck = {.start_interval = 1s}; }); },
          R"("StartInterval":1000000000)"}},
        {GatedOption::several_networks,
         {[=, this] { create([](ContainerSpec& spec) { spec.more_networks = {{.network = "two"}}; }); },
          R"("two":{})"}},
        {GatedOption::endpoint_mac_address,
         {[=, this] { create([](ContainerSpec& spec) { spec.network->mac_address = "02:00:00:00:00:01"; }); },
          R"("MacAddress":"02:00:00:00:00:01")"}},
        {GatedOption::read_only_non_recursive,
         {[=, this] {
            mount(
                {.type = Mount::Type::bind, .source = "/a", .target = "/b", .read_only_non_recursive = true});
          },
          R"("ReadOnlyNonRecursive":true)"}},
        {GatedOption::volume_subpath,
         {[=, this] { mount({.source = "v", .target = "/b", .subpath = "part"}); }, R"("Subpath":"part")"}},
        {GatedOption::push_platform,
         {[=, this] { run(push_image(*engine_, tag, {.platform = arm})); },
          "platform=%7B%22architecture%22"}},
        {GatedOption::image_list_manifests,
         {[=, this] { run(list_images(*engine_, {.manifests = true})); }, "manifests=1"}},
        {GatedOption::gateway_priority,
         {[=, this] { create([](ContainerSpec& spec) { spec.network->gateway_priority = 5; }); },
          R"("GwPriority":5)"}},
        {GatedOption::image_mount,
         {[=, this] { mount({.type = Mount::Type::image, .source = "r.io/web:1", .target = "/b"}); },
          R"("Type":"image")"}},
        {GatedOption::network_ipv4,
         {[=, this] { run(create_network(*engine_, {.name = "n", .enable_ipv4 = false})); },
          R"("EnableIPv4":false)"}},
        {GatedOption::image_history_platform,
         {[=, this] { run(list_image_history(*engine_, "x", arm)); }, "platform=%7B"}},
        {GatedOption::image_load_platform,
         {[=, this] { run(load_images(*engine_, source, {}, {arm})); }, "platform=%7B"}},
        {GatedOption::image_save_platform,
         {[=, this] { run(save_images(*engine_, {"x"}, {arm})); }, "platform=%7B"}},
        {GatedOption::image_inspect_manifests,
         {[=, this] { run(list_platforms(*engine_, "x")); }, "manifests=1"}},
        {GatedOption::image_inspect_platform,
         {[=, this] { run(inspect_image(*engine_, "x", arm)); }, "platform=%7B"}},
        {GatedOption::image_remove_platforms,
         {[=, this] { run(remove_image_parts(*engine_, "x", {.platforms = {arm}})); }, "platforms=%7B"}},
        {GatedOption::image_load_several_platforms,
         {[=, this] {
            run(open_load(*engine_, source, {arm, arm}));
          },
          "platform=%7B"}},
        {GatedOption::image_save_several_platforms,
         {[=, this] {
            run(save_images(*engine_, {"x"}, {arm, arm}));
          },
          "platform=%7B"}},
        {GatedOption::disk_usage_verbose,
         {[=, this] { run(inspect_disk_usage(*engine_, {.verbose = true})); }, "verbose=1"}},
        {GatedOption::image_list_identity,
         {[=, this] { run(list_images(*engine_, {.identity = true})); }, "identity=1"}},
        {GatedOption::connect_mac_address,
         {[=, this] {
            run(connect_container(*engine_, {.network = "n", .mac_address = "02:00:00:00:00:01"}, id));
          },
          R"("MacAddress":"02:00:00:00:00:01")"}},
        {GatedOption::image_attestations,
         {[=, this] { run(list_attestations(*engine_, "x")); }, "/images/x/attestations"}},
    };
  }
};

TEST_F(VersionGatesTest, every_option_is_refused_by_every_older_version_before_it_is_sent) {
  const auto all_uses = uses();
  for (const VersionGate& gate : version_gates()) {
    ASSERT_TRUE(all_uses.contains(gate.option)) << gate.name << " has no use in this test";
    const Use& use = all_uses.at(gate.option);
    for (int minor = k_oldest_api_version.minor; minor <= k_newest_api_version.minor; ++minor) {
      const ApiVersion version{1, minor};
      SCOPED_TRACE(std::string(gate.name) + " with " + to_string(version));
      serve([](const auto&) { return answer(200, "{}"); }, to_string(version));
      std::optional<Error> error;
      try {
        use.call();
      } catch (const Error& thrown) {
        error = thrown;  // "{}" is no answer to all of these calls, but then they were sent
      }
      if (version < gate.since) {
        ASSERT_TRUE(error);
        EXPECT_EQ(to_string(error->kind()), to_string(ErrorKind::unsupported)) << error->what();
        EXPECT_NE(std::string(error->what()).find("needs API 1."), std::string::npos) << error->what();
        EXPECT_EQ(seen(), (std::vector<std::string>{"GET /_ping"})) << "nothing but the ping may be sent";
      } else {
        const auto request = call_seen();
        EXPECT_NE((request.target + request.body).find(use.sent), std::string::npos)
            << request.target << ' ' << request.body;
      }
    }
  }
}

TEST_F(VersionGatesTest, the_versions_are_those_of_the_engines_change_log) {
  // third_party_docs/docker_engine_api.md#options-by-version, in the order of the enumerators.
  const std::vector<int> minors = {41, 41, 41, 41, 42, 42, 42, 42, 42, 42, 42, 43, 44, 44, 44, 44, 45,
                                   46, 47, 48, 48, 48, 48, 48, 48, 48, 49, 50, 52, 52, 52, 54, 54, 55};
  ASSERT_EQ(version_gates().size(), minors.size());
  for (std::size_t i = 0; i < minors.size(); ++i) {
    EXPECT_EQ(to_string(version_gates()[i].since), "1." + std::to_string(minors[i]))
        << version_gates()[i].name;
  }
}

TEST_F(VersionGatesTest, the_message_names_the_option_and_both_versions) {
  expect_error(
      [] {
        require_option({1, 41}, GatedOption::start_interval);
      },
      ErrorKind::unsupported, "StartInterval needs API 1.44, this engine speaks 1.41");
  EXPECT_EQ(gate_of(GatedOption::connect_mac_address).since, (ApiVersion{1, 54}));
}

TEST_F(VersionGatesTest, without_a_newer_option_no_version_is_asked_for) {
  serve_bytes("");
  run(require_options(*engine_, {}));
  EXPECT_TRUE(seen().empty());
}

}  // namespace
}  // namespace halcyon::docker_api
