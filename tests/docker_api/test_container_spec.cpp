#include "docker_api/container_spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/docker_api/error_checks.hpp"

namespace halcyon::docker_api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr ApiVersion k_old_api{1, 41};

TEST(ContainerSpecTest, the_smallest_container_leaves_everything_to_the_engine) {
  EXPECT_EQ(make_create_body({.image = "sha256:abc"}, k_old_api),
            json::parse(R"({"Image":"sha256:abc","HostConfig":{"RestartPolicy":{"Name":"no"}}})"));
}

ContainerSpec full_spec() {
  ContainerSpec spec{.name = "shop-web-blue", .image = "sha256:abc"};
  spec.command = {"serve", "--port", "8000"};
  spec.entrypoint = {"/app"};
  spec.environment = {{"A", "1"}, {"EMPTY", ""}, {"URL", "a=b=c"}, {"A", "again"}};
  spec.labels = {{"halcyon.app", "shop"}};
  spec.user = "1000:1000";
  spec.working_dir = "/srv";
  spec.hostname = "web";
  spec.exposed_tcp_ports = {8000};
  spec.published_ports = {{.container_port = 9000, .host_port = 19000},
                          {.container_port = 9000},
                          {.container_port = 53, .host_ip = "", .host_port = 53, .protocol = "udp"}};
  spec.network = NetworkAttachment{.network = "shop", .ipv4 = "10.201.7.16", .aliases = {"web", "web-blue"}};
  spec.extra_hosts = {{"backend", "10.201.7.1"}};
  spec.mounts = {{.source = "data", .target = "/data"},
                 {.type = Mount::Type::bind, .source = "/etc/x", .target = "/x", .read_only = true},
                 {.type = Mount::Type::tmpfs, .target = "/tmp"}};
  spec.memory_bytes = 268435456;
  spec.nano_cpus = 1500000000;
  spec.pids_limit = 100;
  spec.healthcheck =
      Healthcheck{.test = {"CMD", "/app", "check"}, .interval = 5s, .timeout = 1500ms, .retries = 2};
  spec.restart_policy = RestartPolicy::unless_stopped;
  spec.stop_signal = "SIGQUIT";
  spec.stop_timeout = 20s;
  spec.read_only_root = true;
  spec.init = true;
  spec.cap_drop = {"ALL"};
  spec.cap_add = {"NET_BIND_SERVICE"};
  spec.security_options = {"no-new-privileges:true"};
  spec.log_driver = "json-file";
  spec.log_options = {{"max-size", "10m"}};
  return spec;
}

TEST(ContainerSpecTest, every_field_has_its_place_in_the_body) {
  EXPECT_EQ(make_create_body(full_spec(), k_old_api), json::parse(R"({
    "Image": "sha256:abc",
    "Cmd": ["serve", "--port", "8000"],
    "Entrypoint": ["/app"],
    "Env": ["A=1", "EMPTY=", "URL=a=b=c", "A=again"],
    "Labels": {"halcyon.app": "shop"},
    "User": "1000:1000",
    "WorkingDir": "/srv",
    "Hostname": "web",
    "ExposedPorts": {"8000/tcp": {}, "9000/tcp": {}, "53/udp": {}},
    "StopSignal": "SIGQUIT",
    "StopTimeout": 20,
    "Healthcheck": {"Test": ["CMD", "/app", "check"], "Interval": 5000000000, "Timeout": 1500000000,
                    "StartPeriod": 0, "Retries": 2},
    "NetworkingConfig": {"EndpointsConfig": {"shop": {"IPAMConfig": {"IPv4Address": "10.201.7.16"},
                                                      "Aliases": ["web", "web-blue"]}}},
    "HostConfig": {
      "NetworkMode": "shop",
      "PortBindings": {"9000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "19000"},
                                    {"HostIp": "127.0.0.1", "HostPort": ""}],
                       "53/udp": [{"HostIp": "", "HostPort": "53"}]},
      "ExtraHosts": ["backend:10.201.7.1"],
      "Mounts": [{"Type": "volume", "Source": "data", "Target": "/data", "ReadOnly": false},
                 {"Type": "bind", "Source": "/etc/x", "Target": "/x", "ReadOnly": true},
                 {"Type": "tmpfs", "Target": "/tmp", "ReadOnly": false}],
      "Memory": 268435456,
      "NanoCpus": 1500000000,
      "PidsLimit": 100,
      "RestartPolicy": {"Name": "unless-stopped"},
      "ReadonlyRootfs": true,
      "Init": true,
      "CapDrop": ["ALL"],
      "CapAdd": ["NET_BIND_SERVICE"],
      "SecurityOpt": ["no-new-privileges:true"],
      "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m"}}
    }})"));
}

TEST(ContainerSpecTest, restart_policies_have_the_engines_names) {
  EXPECT_EQ(make_restart_policy(RestartPolicy::no)["Name"], "no");
  EXPECT_EQ(make_restart_policy(RestartPolicy::on_failure)["Name"], "on-failure");
  EXPECT_EQ(make_restart_policy(RestartPolicy::always)["Name"], "always");
  EXPECT_EQ(make_restart_policy(RestartPolicy::unless_stopped)["Name"], "unless-stopped");
}

TEST(ContainerSpecTest, a_start_interval_needs_an_engine_that_does_not_drop_it) {
  ContainerSpec spec{.image = "x"};
  spec.healthcheck = Healthcheck{.test = {"CMD", "x"}, .start_interval = 250ms};
  expect_error(
      [&] {
        make_create_body(spec, {1, 43});
      },
      ErrorKind::unsupported, "StartInterval needs API 1.44, this engine speaks 1.43");
  EXPECT_EQ(make_create_body(spec, {1, 44})["Healthcheck"]["StartInterval"], 250000000);
}

TEST(ContainerSpecTest, what_the_engine_would_misread_is_refused) {
  struct Row {
    ContainerSpec spec;
    std::string reason;
  };
  const Row rows[] = {
      {{}, "the image is empty"},
      {{.image = "x", .environment = {{"", "v"}}}, "no name of an environment variable"},
      {{.image = "x", .environment = {{"A=B", "v"}}}, "no name of an environment variable"},
      {{.image = "x", .network = NetworkAttachment{}}, "the network has no name"},
      {{.image = "x", .mounts = {{.source = "v", .target = "relative"}}}, "not an absolute path"},
      {{.image = "x", .mounts = {{.source = "", .target = "/data"}}}, "has no source"},
      {{.image = "x", .log_options = {{"max-size", "1m"}}}, "log options need a log driver"},
  };
  for (const Row& row : rows) {
    expect_error([&] { make_create_body(row.spec, k_old_api); }, ErrorKind::invalid_argument, row.reason);
  }
}

TEST(ContainerSpecTest, podman_takes_a_hardware_address_under_any_version) {
  const ContainerSpec spec{
      .image = "x", .network = NetworkAttachment{.network = "one", .mac_address = "02:00:00:00:00:01"}};
  const json body = make_create_body(spec, k_old_api, EngineKind::podman);
  EXPECT_EQ(body["NetworkingConfig"]["EndpointsConfig"],
            json::parse(R"({"one":{"MacAddress":"02:00:00:00:00:01"}})"));
}

TEST(ContainerSpecTest, newer_options_are_sent_where_they_are_known) {
  const ContainerSpec spec{
      .image = "x",
      .network =
          NetworkAttachment{.network = "one", .mac_address = "02:00:00:00:00:01", .gateway_priority = 7},
      .mounts = {{.type = Mount::Type::image, .source = "r.io/data:1", .target = "/i"},
                 {.source = "v", .target = "/v", .subpath = "part"},
                 {.type = Mount::Type::bind,
                  .source = "/b",
                  .target = "/b",
                  .read_only = true,
                  .read_only_non_recursive = true}},
      .tty = true,
      .open_stdin = true,
      .auto_remove = true,
      .more_networks = {{.network = "two", .ipv4 = "10.0.0.2"}},
      .console_size = ConsoleSize{.rows = 24, .columns = 80},
      .annotations = {{"a", "b"}},
      .cgroup_namespace = "private"};
  const json body = make_create_body(spec, {1, 48});
  EXPECT_EQ(body["Tty"], true);
  EXPECT_EQ(body["OpenStdin"], true);
  EXPECT_EQ(body["HostConfig"],
            json::parse(R"({"RestartPolicy":{"Name":"no"},"NetworkMode":"one","AutoRemove":true,
    "ConsoleSize":[24,80],"Annotations":{"a":"b"},"CgroupnsMode":"private","Mounts":[
      {"Type":"image","Source":"r.io/data:1","Target":"/i","ReadOnly":false},
      {"Type":"volume","Source":"v","Target":"/v","ReadOnly":false,"VolumeOptions":{"Subpath":"part"}},
      {"Type":"bind","Source":"/b","Target":"/b","ReadOnly":true,"BindOptions":{"ReadOnlyNonRecursive":true}}]})"));
  EXPECT_EQ(body["NetworkingConfig"]["EndpointsConfig"],
            json::parse(R"({"one":{"MacAddress":"02:00:00:00:00:01","GwPriority":7},
                            "two":{"IPAMConfig":{"IPv4Address":"10.0.0.2"}}})"));
}

TEST(ContainerSpecTest, settings_of_the_host_have_the_engines_names) {
  ContainerSpec spec{
      .image = "x",
      .mounts = {{.type = Mount::Type::tmpfs, .target = "/t", .tmpfs_bytes = 4096, .tmpfs_mode = 01777},
                 {.source = "v", .target = "/v", .no_copy = true},
                 {.type = Mount::Type::bind, .source = "/b", .target = "/b", .propagation = "rslave"}},
      .restart_policy = RestartPolicy::on_failure,
      .restart_retries = 3,
      .domain_name = "example.com"};
  spec.host = {.network_mode = "none",
               .devices = {{.host_path = "/dev/null"}},
               .device_requests = {{.driver = "nvidia", .count = -1, .capabilities = {{"gpu"}}}},
               .device_cgroup_rules = {"c 13:* rwm"},
               .ulimits = {{"nofile", 1024, 2048}},
               .sysctls = {{"net.core.somaxconn", "1024"}},
               .tmpfs = {{"/tmp", "size=1m"}},
               .dns_servers = {"10.0.0.1"},
               .dns_search = {"example.com"},
               .dns_options = {"ndots:1"},
               .group_add = {"audio"},
               .volumes_from = {"other:ro"},
               .storage_options = {{"size", "1G"}},
               .runtime = "runc",
               .pid_mode = "host",
               .ipc_mode = "private",
               .uts_mode = "host",
               .user_mode = "host",
               .cgroup_parent = "/apps",
               .privileged = true,
               .publish_all_ports = true,
               .shm_bytes = 65536,
               .memory_reservation_bytes = 1048576,
               .memory_swap_bytes = -1,
               .memory_swappiness = 0,
               .cpu_shares = 512,
               .cpu_period_us = 100000,
               .cpu_quota_us = 50000,
               .cpuset_cpus = "0-1",
               .cpuset_mems = "0",
               .block_weight = 500,
               .oom_score_adjust = -100,
               .oom_kill_disable = true,
               .masked_paths = std::vector<std::string>{},
               .readonly_paths = std::vector<std::string>{"/proc/sys"}};
  const json body = make_create_body(spec, k_old_api);
  EXPECT_EQ(body["Domainname"], "example.com");
  EXPECT_EQ(body["HostConfig"], json::parse(R"({
    "RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"NetworkMode":"none",
    "Devices":[{"PathOnHost":"/dev/null","PathInContainer":"/dev/null","CgroupPermissions":"rwm"}],
    "DeviceRequests":[{"Driver":"nvidia","Count":-1,"Capabilities":[["gpu"]],"Options":{}}],
    "DeviceCgroupRules":["c 13:* rwm"],"Ulimits":[{"Name":"nofile","Soft":1024,"Hard":2048}],
    "Sysctls":{"net.core.somaxconn":"1024"},"Tmpfs":{"/tmp":"size=1m"},"Dns":["10.0.0.1"],
    "DnsSearch":["example.com"],"DnsOptions":["ndots:1"],"GroupAdd":["audio"],"VolumesFrom":["other:ro"],
    "StorageOpt":{"size":"1G"},"Runtime":"runc","PidMode":"host","IpcMode":"private","UTSMode":"host",
    "UsernsMode":"host","CgroupParent":"/apps","Privileged":true,"PublishAllPorts":true,"ShmSize":65536,
    "MemoryReservation":1048576,"MemorySwap":-1,"MemorySwappiness":0,"CpuShares":512,"CpuPeriod":100000,
    "CpuQuota":50000,"CpusetCpus":"0-1","CpusetMems":"0","BlkioWeight":500,"OomScoreAdj":-100,
    "OomKillDisable":true,"MaskedPaths":[],"ReadonlyPaths":["/proc/sys"],"Mounts":[
      {"Type":"tmpfs","Target":"/t","ReadOnly":false,"TmpfsOptions":{"SizeBytes":4096,"Mode":1023}},
      {"Type":"volume","Source":"v","Target":"/v","ReadOnly":false,"VolumeOptions":{"NoCopy":true}},
      {"Type":"bind","Source":"/b","Target":"/b","ReadOnly":false,"BindOptions":{"Propagation":"rslave"}}]})"));
}

TEST(ContainerSpecTest, what_has_no_name_here_can_be_said_in_json) {
  const ContainerSpec spec{
      .image = "x", .user = "1000", .more_json = R"({"User":null,"MacAddress":"02:00:00:00:00:01",
                                            "HostConfig":{"KernelMemoryTCP":4096}})"};
  EXPECT_EQ(make_create_body(spec, k_old_api), json::parse(R"({"Image":"x","MacAddress":"02:00:00:00:00:01",
    "HostConfig":{"RestartPolicy":{"Name":"no"},"KernelMemoryTCP":4096}})"));
  for (const std::string text : {"{", "[]", "7", "{\"a\":1} x"}) {
    expect_error([&] { make_create_body({.image = "x", .more_json = text}, k_old_api); },
                 ErrorKind::invalid_argument, "more_json is no JSON object");
  }
}

TEST(ContainerSpecTest, options_that_contradict_each_other_are_refused) {
  const std::vector<std::pair<ContainerSpec, std::string>> cases = {
      {{.image = "x", .more_networks = {{.network = "two"}}}, "need a first one"},
      {{.image = "x", .console_size = ConsoleSize{}}, "needs a terminal"},
      {{.image = "x",
        .mounts = {{.type = Mount::Type::bind, .source = "/a", .target = "/b", .subpath = "c"}}},
       "only a volume"},
      {{.image = "x", .mounts = {{.source = "v", .target = "/b", .read_only_non_recursive = true}}},
       "only a bind mount"},
      {{.image = "x", .mounts = {{.source = "v", .target = "/b", .tmpfs_bytes = 1}}}, "only a tmpfs"},
      {{.image = "x", .mounts = {{.source = "v", .target = "/b", .propagation = "shared"}}}, "only a bind"},
      {{.image = "x", .restart_retries = 3}, "only on_failure"},
      {{.image = "x", .network = NetworkAttachment{.network = "n"}, .host = {.network_mode = "host"}},
       "exclude each other"},
      {{.image = "x", .host = {.devices = {{.host_path = "null"}}}}, "not an absolute path"},
      {{.image = "x", .host = {.device_requests = {{.count = 1, .device_ids = {"0"}}}}}, "not both"},
      {{.image = "x", .host = {.ulimits = {{"nofile", 3, 2}}}}, "above the hard one"},
      {{.image = "x", .host = {.tmpfs = {{"tmp", ""}}}}, "not an absolute path"}};
  for (const auto& [spec, text] : cases) {
    expect_error([&, &spec = spec] { make_create_body(spec, {1, 55}); }, ErrorKind::invalid_argument, text);
  }
}

}  // namespace
}  // namespace halcyon::docker_api
