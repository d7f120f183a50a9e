#include "docker_api/stats_sample.hpp"

#include <nlohmann/json.hpp>

#include "docker_api/json_fields.hpp"

namespace halcyon::docker_api {
namespace {

using nlohmann::json;

CpuUsage parse_cpu(const json& cpu) {
  const json& usage = get_field(cpu, "cpu_usage");
  const json& throttling = get_field(cpu, "throttling_data");
  CpuUsage result{.total = get_uint64(usage, "total_usage"),
                  .in_kernel = get_uint64(usage, "usage_in_kernelmode"),
                  .in_user = get_uint64(usage, "usage_in_usermode"),
                  .system = find_uint64(cpu, "system_cpu_usage"),
                  .online_cpus = find_uint64(cpu, "online_cpus"),
                  .throttled_periods = get_uint64(throttling, "throttled_periods"),
                  .throttled_time = get_uint64(throttling, "throttled_time")};
  for (const json& each : get_list(usage, "percpu_usage")) {
    result.per_cpu.push_back(get_uint64(json{{"percpu_usage", each}}, "percpu_usage"));
  }
  return result;
}

MemoryUsage parse_memory(const json& memory) {
  MemoryUsage result{.usage_bytes = get_uint64(memory, "usage"),
                     .max_usage_bytes = find_uint64(memory, "max_usage"),
                     .limit_bytes = get_uint64(memory, "limit")};
  const json& details = get_field(memory, "stats");
  for (const std::string& name : get_keys(memory, "stats")) {
    result.details[name] = get_uint64(details, name.c_str());
  }
  return result;
}

NetworkUsage parse_network_counters(const json& network) {
  return {.received_bytes = get_uint64(network, "rx_bytes"),
          .received_packets = get_uint64(network, "rx_packets"),
          .received_errors = get_uint64(network, "rx_errors"),
          .received_dropped = get_uint64(network, "rx_dropped"),
          .sent_bytes = get_uint64(network, "tx_bytes"),
          .sent_packets = get_uint64(network, "tx_packets"),
          .sent_errors = get_uint64(network, "tx_errors"),
          .sent_dropped = get_uint64(network, "tx_dropped")};
}

/// cgroup v1 writes "Read", v2 "read"; null where there is no block device.
void read_block_io(const json& block, StatsSample& sample) {
  for (const json& entry : get_list(block, "io_service_bytes_recursive")) {
    const std::string operation = get_string(entry, "op");
    if (operation == "Read" || operation == "read") sample.block_read_bytes += get_uint64(entry, "value");
    if (operation == "Write" || operation == "write")
      sample.block_written_bytes += get_uint64(entry, "value");
  }
}

/// An unlimited number of processes comes as nothing, as 0 or as the largest number.
std::optional<std::uint64_t> find_pids_limit(const json& pids) {
  const auto limit = find_uint64(pids, "limit");
  if (!limit || *limit == 0 || *limit == UINT64_MAX) return std::nullopt;
  return limit;
}

}  // namespace

StatsSample parse_stats(const json& body) {
  const json& pids = get_field(body, "pids_stats");
  std::string id = get_string(body, "id");
  if (id.empty()) id = get_string(body, "Id");  // Podman
  StatsSample sample{.id = ContainerId(std::move(id)),
                     .name = get_string(body, "name"),
                     .os_type = get_string(body, "os_type"),
                     .read_at = get_time(body, "read"),
                     .previous_read_at = get_time(body, "preread"),
                     .cpu = parse_cpu(get_field(body, "cpu_stats")),
                     .previous_cpu = parse_cpu(get_field(body, "precpu_stats")),
                     .memory = parse_memory(get_field(body, "memory_stats")),
                     .pids = find_uint64(pids, "current"),
                     .pids_limit = find_pids_limit(pids)};
  if (sample.name.starts_with('/')) sample.name.erase(0, 1);
  const json& networks = get_field(body, "networks");
  for (const std::string& name : get_keys(body, "networks")) {
    sample.networks[name] = parse_network_counters(networks.at(name));
  }
  read_block_io(get_field(body, "blkio_stats"), sample);
  return sample;
}

std::uint64_t MemoryUsage::working_set_bytes() const noexcept {
  // cgroup v1, then v2: the part of the page cache that was not used lately.
  for (const char* name : {"total_inactive_file", "inactive_file"}) {
    const auto found = details.find(name);
    if (found != details.end() && found->second < usage_bytes) return usage_bytes - found->second;
  }
  return usage_bytes;
}

std::optional<double> StatsSample::cpu_percent() const noexcept {
  if (!cpu.system || !previous_cpu.system || *cpu.system <= *previous_cpu.system) return std::nullopt;
  if (cpu.total < previous_cpu.total) return std::nullopt;
  const std::uint64_t listed = cpu.per_cpu.size();
  const std::uint64_t online = cpu.online_cpus.value_or(0);
  const std::uint64_t cpus = online > 0 ? online : listed;
  const auto used = static_cast<double>(cpu.total - previous_cpu.total);
  const auto passed = static_cast<double>(*cpu.system - *previous_cpu.system);
  return used / passed * static_cast<double>(cpus) * 100.0;
}

}  // namespace halcyon::docker_api
