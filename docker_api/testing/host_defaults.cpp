#include "docker_api/testing/host_defaults.hpp"

#include <nlohmann/json.hpp>

namespace halcyon::docker_api::fake {

using nlohmann::json;

json default_config() {
  return {{"Hostname", ""},       {"Domainname", ""},        {"User", ""},
          {"AttachStdin", false}, {"AttachStdout", false},   {"AttachStderr", false},
          {"Tty", false},         {"OpenStdin", false},      {"StdinOnce", false},
          {"Env", nullptr},       {"Cmd", nullptr},          {"Image", ""},
          {"Volumes", nullptr},   {"WorkingDir", ""},        {"Entrypoint", nullptr},
          {"OnBuild", nullptr},   {"Labels", json::object()}};
}

json default_host_config() {
  return json::parse(R"({"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"json-file","Config":{}},
    "NetworkMode":"default","PortBindings":null,"RestartPolicy":{"Name":"","MaximumRetryCount":0},
    "AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"CapAdd":null,"CapDrop":null,"CgroupnsMode":"host",
    "Dns":null,"DnsOptions":null,"DnsSearch":null,"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private",
    "Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,
    "ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc",
    "ConsoleSize":[0,0],"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"",
    "BlkioWeight":0,"BlkioWeightDevice":null,"BlkioDeviceReadBps":null,"BlkioDeviceWriteBps":null,
    "BlkioDeviceReadIOps":null,"BlkioDeviceWriteIOps":null,"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,
    "CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":null,"DeviceCgroupRules":null,
    "DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,"MemorySwappiness":null,"OomKillDisable":false,
    "PidsLimit":null,"Ulimits":null,"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,
    "MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore","/proc/keys"],
    "ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]})");
}

std::string full_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.find_first_of(":@", slash == std::string::npos ? 0 : slash);
  return colon == std::string::npos ? name + ":latest" : name;
}

}  // namespace halcyon::docker_api::fake
