#include "tests/support/engine_calls.hpp"

#include "docker_api/auth.hpp"
#include "docker_api/checkpoints.hpp"
#include "docker_api/configs.hpp"
#include "docker_api/container_archive.hpp"
#include "docker_api/container_attach.hpp"
#include "docker_api/container_commit.hpp"
#include "docker_api/container_control.hpp"
#include "docker_api/container_insight.hpp"
#include "docker_api/container_list.hpp"
#include "docker_api/container_stats.hpp"
#include "docker_api/containers.hpp"
#include "docker_api/disk_usage.hpp"
#include "docker_api/events.hpp"
#include "docker_api/exec.hpp"
#include "docker_api/image_attestations.hpp"
#include "docker_api/image_list.hpp"
#include "docker_api/image_progress.hpp"
#include "docker_api/image_save.hpp"
#include "docker_api/images.hpp"
#include "docker_api/networks.hpp"
#include "docker_api/nodes.hpp"
#include "docker_api/plugins.hpp"
#include "docker_api/prune.hpp"
#include "docker_api/secrets.hpp"
#include "docker_api/services.hpp"
#include "docker_api/swarm.hpp"
#include "docker_api/system.hpp"
#include "docker_api/tar_stream.hpp"
#include "docker_api/tasks.hpp"
#include "docker_api/volumes.hpp"

namespace halcyon::test_support {
namespace {

using namespace docker_api;
using boost::asio::awaitable;

const ContainerId k_container("web");
const ImageReference k_image{.repository = "docker.io/library/redis", .tag = "7"};

/// Reads a stream of any kind to its end.
template <class Stream>
awaitable<void> read_all(Stream stream) {
  while (co_await stream.next()) {
  }
}

awaitable<void> read_all(ArchiveStream stream) {
  for (;;) {
    const std::string_view piece = co_await stream.read_some();
    if (piece.empty()) co_return;
  }
}

std::shared_ptr<BodySource> small_archive() {
  return make_tar_source({{.name = "Dockerfile", .content = "FROM scratch\n"}});
}

awaitable<void> call_inspect_container(Engine& e) {
  co_await inspect_container(e, k_container, {.size = true});
}
awaitable<void> call_find_container(Engine& e) { co_await find_container(e, k_container); }
awaitable<void> call_create_container(Engine& e) {
  co_await create_container(e, {.name = "web", .image = "sha256:1"});
}
awaitable<void> call_list_containers(Engine& e) { co_await list_containers(e, {}); }
awaitable<void> call_start_container(Engine& e) { co_await start_container(e, k_container); }
awaitable<void> call_remove_container(Engine& e) { co_await remove_container(e, k_container); }
awaitable<void> call_update_container(Engine& e) {
  co_await update_container(e, k_container, {.memory_bytes = 1});
}
awaitable<void> call_list_processes(Engine& e) { co_await list_processes(e, k_container); }
awaitable<void> call_list_file_changes(Engine& e) { co_await list_file_changes(e, k_container); }
awaitable<void> call_commit(Engine& e) { co_await commit_container(e, k_container); }
awaitable<void> call_read_stats(Engine& e) { co_await read_stats(e, k_container); }
awaitable<void> call_open_stats(Engine& e) { co_await read_all(co_await open_stats(e, k_container)); }
awaitable<void> call_wait(Engine& e) {
  ArmedWait wait = co_await arm_wait(e, k_container, WaitCondition::not_running);
  co_await wait.result();
}
awaitable<void> call_logs(Engine& e) {
  co_await read_all(co_await open_logs(e, k_container, {.tty = false}));
}
awaitable<void> call_logs_of_unknown(Engine& e) { co_await read_all(co_await open_logs(e, k_container, {})); }
awaitable<void> call_attach(Engine& e) {
  co_await read_all(co_await attach_container(e, k_container, {.tty = false}));
}
awaitable<void> call_find_path(Engine& e) { co_await find_path(e, k_container, "/etc"); }
awaitable<void> call_open_archive(Engine& e) {
  PathArchive archive = co_await open_archive(e, k_container, "/etc");
  co_await read_all(std::move(archive.archive));
}
awaitable<void> call_put_archive(Engine& e) { co_await put_archive(e, k_container, "/etc", small_archive()); }
awaitable<void> call_export(Engine& e) { co_await read_all(co_await export_container(e, k_container)); }
awaitable<void> call_create_exec(Engine& e) { co_await create_exec(e, k_container, {.command = {"id"}}); }
awaitable<void> call_start_exec(Engine& e) { co_await read_all(co_await start_exec(e, ExecId("x"))); }
awaitable<void> call_inspect_exec(Engine& e) { co_await inspect_exec(e, ExecId("x")); }
awaitable<void> call_run_exec(Engine& e) { co_await run_exec(e, k_container, {.command = {"id"}}); }
awaitable<void> call_inspect_image(Engine& e) { co_await inspect_image(e, "redis"); }
awaitable<void> call_list_images(Engine& e) { co_await list_images(e); }
awaitable<void> call_list_platforms(Engine& e) { co_await list_platforms(e, "redis"); }
awaitable<void> call_image_history(Engine& e) { co_await list_image_history(e, "redis"); }
awaitable<void> call_attestations(Engine& e) { co_await list_attestations(e, "redis"); }
awaitable<void> call_create_checkpoint(Engine& e) { co_await create_checkpoint(e, k_container, "warm"); }
awaitable<void> call_list_checkpoints(Engine& e) { co_await list_checkpoints(e, k_container); }
awaitable<void> call_search(Engine& e) { co_await search_images(e, "redis"); }
awaitable<void> call_resolve(Engine& e) { co_await resolve_digest(e, k_image); }
awaitable<void> call_remove_image(Engine& e) { co_await remove_image_parts(e, "redis", {}); }
awaitable<void> call_open_pull(Engine& e) { co_await read_all(co_await open_pull(e, k_image)); }
awaitable<void> call_pull(Engine& e) { co_await pull_image(e, k_image); }
awaitable<void> call_push(Engine& e) { co_await push_image(e, k_image); }
awaitable<void> call_build(Engine& e) { co_await build_image(e, small_archive(), {}); }
awaitable<void> call_load(Engine& e) { co_await load_images(e, small_archive()); }
awaitable<void> call_import(Engine& e) { co_await import_image(e, small_archive(), k_image); }
awaitable<void> call_save(Engine& e) { co_await read_all(co_await save_images(e, {"redis"})); }
awaitable<void> call_create_network(Engine& e) { co_await create_network(e, {.name = "shop"}); }
awaitable<void> call_inspect_network(Engine& e) { co_await inspect_network(e, "shop"); }
awaitable<void> call_list_networks(Engine& e) { co_await list_networks(e); }
awaitable<void> call_create_volume(Engine& e) { co_await create_volume(e, VolumeName("data"), {}); }
awaitable<void> call_inspect_volume(Engine& e) { co_await inspect_volume(e, VolumeName("data")); }
awaitable<void> call_list_volumes(Engine& e) { co_await list_volumes(e); }
awaitable<void> call_prune_containers(Engine& e) { co_await prune_containers(e); }
awaitable<void> call_prune_images(Engine& e) { co_await prune_images(e); }
awaitable<void> call_prune_networks(Engine& e) { co_await prune_networks(e); }
awaitable<void> call_prune_volumes(Engine& e) { co_await prune_volumes(e); }
awaitable<void> call_prune_build_cache(Engine& e) { co_await prune_build_cache(e); }
awaitable<void> call_ping(Engine& e) { co_await ping(e); }
awaitable<void> call_version(Engine& e) { co_await inspect_version(e); }
awaitable<void> call_info(Engine& e) { co_await inspect_info(e); }
awaitable<void> call_disk_usage(Engine& e) { co_await inspect_disk_usage(e); }
awaitable<void> call_events(Engine& e) { co_await read_all(co_await open_events(e)); }
awaitable<void> call_auth(Engine& e) {
  co_await check_credentials(e, {.username = "u", .password = Secret("p"), .server_address = "r.io"});
}
awaitable<void> call_plugins(Engine& e) { co_await list_plugins(e); }
awaitable<void> call_inspect_swarm(Engine& e) { co_await inspect_swarm(e); }
awaitable<void> call_init_swarm(Engine& e) { co_await init_swarm(e, {}); }
awaitable<void> call_unlock_key(Engine& e) { co_await inspect_unlock_key(e); }
awaitable<void> call_list_nodes(Engine& e) { co_await list_nodes(e); }
awaitable<void> call_inspect_node(Engine& e) { co_await inspect_node(e, NodeId("n")); }
awaitable<void> call_list_services(Engine& e) { co_await list_services(e); }
awaitable<void> call_create_service(Engine& e) {
  co_await create_service(e, {.name = "web", .image = "redis"});
}
awaitable<void> call_update_service(Engine& e) { co_await update_service(e, ServiceId("s"), 1, "{}"); }
awaitable<void> call_list_tasks(Engine& e) { co_await list_tasks(e); }
awaitable<void> call_list_secrets(Engine& e) { co_await list_secrets(e); }
awaitable<void> call_list_configs(Engine& e) { co_await list_configs(e); }

constexpr const char* k_container_answer =
    R"({"Id":"c1","Name":"/web","Image":"sha256:1","RestartCount":2,"SizeRw":5,"SizeRootFs":6,
        "Created":"2026-11-20T10:00:00Z","Path":"/app","Args":["--serve"],"Driver":"overlay2",
        "Config":{"Labels":{"halcyon.app":"shop"},"Tty":false,"Image":"shop/web:1","Env":["A=1"],"WorkingDir":"/srv",
                  "User":"app","Hostname":"web"},
        "HostConfig":{"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":3},"NetworkMode":"shop","Memory":1024,
                      "NanoCpus":500000000},
        "Mounts":[{"Type":"volume","Name":"data","Source":"/m","Destination":"/data","RW":false}],
        "State":{"Status":"running","Running":true,"Pid":42,"ExitCode":0,"OOMKilled":false,"Error":"",
                 "StartedAt":"2026-11-20T10:00:00Z","FinishedAt":"0001-01-01T00:00:00Z",
                 "Health":{"Status":"healthy","Log":[{"Output":"ok"}]}},
        "NetworkSettings":{"Networks":{"shop":{"IPAddress":"10.0.0.2","IPAMConfig":{"IPv4Address":"10.0.0.2"}}}}})";
constexpr const char* k_network_answer =
    R"({"Id":"n1","Name":"shop","Driver":"bridge","Labels":{"a":"b"},"Options":{"c":"d"},"Scope":"local",
        "Internal":false,"Attachable":true,"EnableIPv6":false,
        "IPAM":{"Config":[{"Subnet":"10.0.0.0/24","Gateway":"10.0.0.1"}]},
        "Containers":{"c1":{"IPv4Address":"10.0.0.2/24"}}})";
constexpr const char* k_volume_answer =
    R"({"Name":"data","Driver":"local","Mountpoint":"/m","Labels":{"a":"b"},"Options":{"c":"d"},"Scope":"local",
        "CreatedAt":"2026-11-20T10:00:00Z","UsageData":{"Size":5,"RefCount":1},"ClusterVolume":{"Version":{"Index":3}}})";
constexpr const char* k_image_answer =
    R"({"Id":"sha256:1","RepoTags":["redis:7"],"RepoDigests":["redis@sha256:2"],"Os":"linux","Architecture":"amd64",
        "Size":7,"Variant":"v8","Created":"2026-11-20T10:00:00Z",
        "Config":{"Labels":{"a":"b"},"Env":["A=1"],"Entrypoint":["/e"],"Cmd":["c"],"User":"u","WorkingDir":"/w",
                  "Healthcheck":{"Test":["CMD","true"]},"ExposedPorts":{"80/tcp":{}}},
        "RootFS":{"Layers":["sha256:3"]}})";
constexpr const char* k_stats_answer =
    R"({"id":"c1","name":"/web","os_type":"linux","read":"2026-11-20T10:00:01Z","preread":"2026-11-20T10:00:00Z",
        "cpu_stats":{"cpu_usage":{"total_usage":9,"usage_in_kernelmode":4,"usage_in_usermode":5,"percpu_usage":[9]},
                     "throttling_data":{"throttled_periods":1,"throttled_time":2},"system_cpu_usage":100,"online_cpus":1},
        "precpu_stats":{"cpu_usage":{"total_usage":3},"system_cpu_usage":50},
        "memory_stats":{"usage":10,"max_usage":11,"limit":12,"stats":{"inactive_file":3}},
        "pids_stats":{"current":4,"limit":5},
        "networks":{"eth0":{"rx_bytes":1,"rx_packets":2,"rx_errors":3,"rx_dropped":4,"tx_bytes":5,"tx_packets":6,
                            "tx_errors":7,"tx_dropped":8}},
        "blkio_stats":{"io_service_bytes_recursive":[{"op":"read","value":1},{"op":"write","value":2}]}})";
constexpr const char* k_swarm_part =
    R"("Version":{"Index":7},"CreatedAt":"2026-11-20T10:00:00Z","UpdatedAt":"2026-11-20T10:00:00Z")";

/// Samples that share a part are put together once.
const char* keep(std::string text) {
  static std::vector<std::unique_ptr<std::string>> kept;
  return kept.emplace_back(std::make_unique<std::string>(std::move(text)))->c_str();
}
const char* list_of(const char* element) { return keep("[" + std::string(element) + "]"); }
/// `%` stands for what all swarm objects have.
const char* swarm(std::string text) {
  const std::size_t at = text.find('%');
  return keep(text.replace(at, 1, k_swarm_part));
}

std::vector<EngineCall> make_calls() {
  using enum AnswerShape;
  // Times that are no times are nothing: the engine's clock is not worth an error.
  return {
      {"inspect_container", json, k_container_answer, call_inspect_container},
      {"find_container", json, k_container_answer, call_find_container},
      {"create_container", json, R"({"Id":"c1","Warnings":["w"]})", call_create_container},
      {"list_containers", json,
       R"([{"Id":"c1","Names":["/web","/a/b"],"ImageID":"sha256:1","State":"running","Status":"Up","Labels":{"a":"b"},
            "Image":"redis","Command":"c","Created":1700000000,"SizeRw":1,"SizeRootFs":2,
            "NetworkSettings":{"Networks":{"shop":{"IPAddress":"10.0.0.2"}}}}])",
       call_list_containers, "Created"},
      {"start_container", nothing, "", call_start_container},
      {"remove_container", nothing, "", call_remove_container},
      {"update_container", json, R"({"Warnings":["w"]})", call_update_container},
      {"list_processes", json, R"({"Titles":["PID"],"Processes":[["1"]]})", call_list_processes},
      {"list_file_changes", json, R"([{"Kind":0,"Path":"/a"}])", call_list_file_changes},
      {"commit_container", json, R"({"Id":"sha256:1"})", call_commit},
      {"read_stats", json, k_stats_answer, call_read_stats},
      {"open_stats", messages, k_stats_answer, call_open_stats},
      {"wait", json, R"({"StatusCode":3,"Error":{"Message":""}})", call_wait},
      {"open_logs", frames, "", call_logs},
      {"open_logs (framing unknown)", frames, "", call_logs_of_unknown},
      {"attach_container", frames, "", call_attach},
      {"find_path", nothing, "", call_find_path},
      {"open_archive", archive, "", call_open_archive},
      {"put_archive", nothing, "", call_put_archive},
      {"export_container", archive, "", call_export},
      {"create_exec", json, R"({"Id":"x1"})", call_create_exec},
      {"start_exec", frames, "", call_start_exec},
      {"inspect_exec", json, R"({"ID":"x1","ContainerID":"c1","Running":false,"Pid":4,"ExitCode":1})",
       call_inspect_exec},
      {"run_exec", frames, "", call_run_exec},
      {"inspect_image", json, k_image_answer, call_inspect_image, "80/tcp"},
      {"list_images", json,
       R"([{"Id":"sha256:1","ParentId":"sha256:0","RepoTags":["redis:7"],"RepoDigests":["redis@sha256:2"],
            "Created":1700000000,"Size":7,"SharedSize":-1,"Containers":1,"Labels":{"a":"b"},
            "Manifests":[{"ID":"sha256:4","Kind":"image","Available":true,"Size":{"Content":1,"Total":2},
                          "ImageData":{"Platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"1"}}}]}])",
       call_list_images, "Created"},
      {"list_platforms", json, R"({"Manifests":[{"ID":"sha256:4","Kind":"image","Available":true}]})",
       call_list_platforms},
      {"list_image_history", json,
       R"([{"Id":"sha256:1","Created":1700000000,"CreatedBy":"/bin/sh","Tags":["redis:7"],"Size":3,"Comment":"c"}])",
       call_image_history, "Created"},
      {"list_attestations", json,
       R"([{"Descriptor":{"mediaType":"application/vnd.in-toto+json","digest":"sha256:1","size":5},
            "PredicateType":"https://spdx.dev/Document","Statement":{}}])",
       call_attestations},
      {"create_checkpoint", nothing, "", call_create_checkpoint},
      {"list_checkpoints", json, R"([{"Name":"warm"}])", call_list_checkpoints},
      {"search_images", json, R"([{"name":"redis","description":"d","star_count":5,"is_official":true}])",
       call_search},
      {"resolve_digest", json,
       R"({"Descriptor":{"digest":"sha256:0123456789012345678901234567890123456789012345678901234567890123"}})",
       call_resolve},
      {"remove_image_parts", json, R"([{"Untagged":"redis:7"},{"Deleted":"sha256:1"}])", call_remove_image},
      {"open_pull", messages, R"({"id":"l","status":"Pulling","progressDetail":{"current":1,"total":2}})",
       call_open_pull, "current total"},
      {"pull_image", messages, R"({"id":"l","status":"Pulling","progressDetail":{"current":1,"total":2}})",
       call_pull, "id status current total progressDetail"},
      {"push_image", messages, R"({"id":"l","status":"Pushing"})", call_push, "id status"},
      {"build_image", messages, R"({"aux":{"ID":"sha256:1"}})", call_build},
      {"load_images", messages, R"({"stream":"Loaded image: redis:7\n"})", call_load},
      {"import_image", messages,
       R"({"status":"sha256:0123456789012345678901234567890123456789012345678901234567890123"})",
       call_import},
      {"save_images", archive, "", call_save},
      {"create_network", json, R"({"Id":"n1"})", call_create_network},
      {"inspect_network", json, k_network_answer, call_inspect_network},
      {"list_networks", json, list_of(k_network_answer), call_list_networks},
      {"create_volume", json, k_volume_answer, call_create_volume},
      {"inspect_volume", json, k_volume_answer, call_inspect_volume},
      {"list_volumes", json, keep("{\"Volumes\":[" + std::string(k_volume_answer) + "]}"), call_list_volumes},
      {"prune_containers", json, R"({"ContainersDeleted":["c1"],"SpaceReclaimed":5})", call_prune_containers},
      {"prune_images", json, R"({"ImagesDeleted":[{"Untagged":"a"},{"Deleted":"b"}],"SpaceReclaimed":5})",
       call_prune_images},
      {"prune_networks", json, R"({"NetworksDeleted":["n"]})", call_prune_networks},
      {"prune_volumes", json, R"({"VolumesDeleted":["v"],"SpaceReclaimed":5})", call_prune_volumes},
      {"prune_build_cache", json, R"({"CachesDeleted":["x"],"SpaceReclaimed":5})", call_prune_build_cache},
      {"ping", nothing, "", call_ping},
      {"inspect_version", json,
       R"({"Version":"20.10","ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64","KernelVersion":"6.1"})",
       call_version},
      {"inspect_info", json,
       R"({"ID":"i","Name":"host","DockerRootDir":"/d","Driver":"overlay2","LiveRestoreEnabled":true,
           "SecurityOptions":["name=seccomp"],"MemTotal":1,"NCPU":2,"ServerVersion":"29.1","OperatingSystem":"Debian",
           "OSType":"linux","Architecture":"x86_64","KernelVersion":"6.1","Containers":4,"ContainersRunning":1,
           "ContainersPaused":1,"ContainersStopped":2,"Images":3,"CgroupDriver":"systemd","CgroupVersion":"2",
           "LoggingDriver":"local","DefaultRuntime":"runc","Runtimes":{"runc":{}},"Labels":["a=b"],"Warnings":["w"],
           "Swarm":{"LocalNodeState":"inactive"}})",
       call_info, "runc"},
      {"inspect_disk_usage (old)", json,
       R"({"LayersSize":9,"Images":[{"Id":"sha256:1","Size":7,"SharedSize":3,"Containers":0}],
           "Containers":[{"Id":"c1","State":"exited","SizeRw":4}],"Volumes":[{"Name":"v","UsageData":{"Size":5,"RefCount":0}}],
           "BuildCache":[{"ID":"b","Type":"regular","Description":"d","InUse":false,"Shared":false,"Size":6,
                          "CreatedAt":"2026-11-20T10:00:00Z","LastUsedAt":"2026-11-20T10:00:00Z","UsageCount":1}]})",
       call_disk_usage},
      {"inspect_disk_usage (new)", json,
       R"({"ImageUsage":{"TotalCount":1,"ActiveCount":1,"TotalSize":7,"Reclaimable":0,"Items":[{"Id":"sha256:1"}]}})",
       call_disk_usage},
      {"open_events", messages,
       R"({"Type":"container","Action":"start","Actor":{"ID":"c1","Attributes":{"image":"redis"}},"scope":"local",
           "time":1700000000,"timeNano":1700000000000000001})",
       call_events},
      {"check_credentials", json, R"({"Status":"Login Succeeded","IdentityToken":"t"})", call_auth},
      {"list_plugins", json,
       R"([{"Id":"p","Name":"sshfs","Enabled":true,"PluginReference":"r","Config":{"Description":"d",
            "Interface":{"Socket":"s","Types":[{"Prefix":"docker","Capability":"volumedriver","Version":"1.0"}]}}}])",
       call_plugins, "0"},
      {"inspect_swarm", json,
       swarm(
           R"({"ID":"s",%,"Spec":{"Name":"default","Labels":{"a":"b"}},"JoinTokens":{"Worker":"w","Manager":"m"},
                 "RootRotationInProgress":false,"DefaultAddrPool":["10.0.0.0/8"],"SubnetSize":24,"DataPathPort":4789})"),
       call_inspect_swarm},
      {"init_swarm", json, R"("node1")", call_init_swarm},
      {"inspect_unlock_key", json, R"({"UnlockKey":"k"})", call_unlock_key},
      {"list_nodes", json,
       swarm(R"([{"ID":"n",%,"Spec":{"Name":"x","Labels":{},"Role":"manager","Availability":"active"},
                  "Description":{"Hostname":"h","Platform":{"OS":"linux","Architecture":"x86_64"},
                                 "Resources":{"NanoCPUs":1,"MemoryBytes":2},"Engine":{"EngineVersion":"20.10"}},
                  "Status":{"State":"ready","Addr":"10.0.0.1"},"ManagerStatus":{"Leader":true,"Reachability":"reachable"}}])"),
       call_list_nodes},
      {"inspect_node", json, swarm(R"({"ID":"n",%,"Status":{"State":"ready"}})"), call_inspect_node},
      {"list_services", json,
       swarm(R"([{"ID":"s",%,"Spec":{"Name":"web","Labels":{},"Mode":{"Replicated":{"Replicas":2}},
                  "TaskTemplate":{"ContainerSpec":{"Image":"redis"}}},"UpdateStatus":{"State":"completed","Message":"m"},
                  "ServiceStatus":{"RunningTasks":2,"DesiredTasks":2}}])"),
       call_list_services},
      {"create_service", json, R"({"ID":"s","Warning":"w"})", call_create_service},
      {"update_service", json, R"({"Warnings":["w"]})", call_update_service},
      {"list_tasks", json,
       swarm(
           R"([{"ID":"t",%,"ServiceID":"s","NodeID":"n","Slot":1,"Spec":{"ContainerSpec":{"Image":"redis"}},"Name":"x",
                  "Labels":{"a":"b"},"DesiredState":"running",
                  "Status":{"State":"running","Message":"m","Err":"","Timestamp":"2026-11-20T10:00:00Z",
                            "ContainerStatus":{"ContainerID":"c","ExitCode":0}}}])"),
       call_list_tasks},
      {"list_secrets", json,
       swarm(R"([{"ID":"s",%,"Spec":{"Name":"pw","Labels":{},"Driver":{"Name":"d"}}}])"), call_list_secrets},
      {"list_configs", json, swarm(R"([{"ID":"s",%,"Spec":{"Name":"c","Labels":{},"Data":"YQ=="}}])"),
       call_list_configs},
  };
}

}  // namespace

const std::vector<EngineCall>& engine_calls() {
  static const std::vector<EngineCall> calls = make_calls();
  return calls;
}

}  // namespace halcyon::test_support
