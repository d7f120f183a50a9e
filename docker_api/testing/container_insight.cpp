// Processes and resources of a container.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "docker_api/testing/handlers.hpp"

namespace halcyon::docker_api::fake {
namespace {

using nlohmann::json;

constexpr std::uint64_t k_host_memory_bytes = 8ULL << 30U;

json show_block_counters(bool runs) {
  json counters;
  for (const char* key : {"io_service_bytes_recursive", "io_serviced_recursive", "io_queue_recursive",
                          "io_service_time_recursive", "io_wait_time_recursive", "io_merged_recursive",
                          "io_time_recursive", "sectors_recursive"}) {
    counters[key] = runs ? json::array() : json();
  }
  return counters;
}

json show_cpu(bool runs, std::int64_t used) {
  json cpu{{"cpu_usage", {{"total_usage", used}, {"usage_in_kernelmode", 0}, {"usage_in_usermode", used}}},
           {"throttling_data", {{"periods", 0}, {"throttled_periods", 0}, {"throttled_time", 0}}}};
  if (runs) cpu.update({{"system_cpu_usage", 1'000'000'000'000}, {"online_cpus", 2}});
  return cpu;
}

json show_memory(const Container& container) {
  const json host = json::parse(container.host_json);
  const auto limit = host.value("Memory", std::uint64_t{0});
  return {{"usage", 315'392},
          {"max_usage", 3'825'664},
          {"stats", {{"inactive_file", 0}, {"total_inactive_file", 0}}},
          {"limit", limit == 0 ? k_host_memory_bytes : limit}};
}

json show_pids(const Container& container) {
  json pids{{"current", 1}};
  const json limit = json::parse(container.host_json).at("PidsLimit");
  if (limit.is_number() && limit.get<std::int64_t>() > 0) pids["limit"] = limit;
  return pids;
}

}  // namespace

Answer list_processes(Core& core, const Call& call) {
  const Container& container = core.container(call.name);
  if (!container.is_running()) {
    throw Refusal{409, fmt::format("Container {} is not running", container.id)};
  }
  if (call.request.has_parameter("ps_args") && call.request.parameter("ps_args") != "-ef") {
    throw Refusal{501, "the fake engine has only the columns of ps -ef"};
  }
  const std::string command = fmt::format("{}", fmt::join(container.command, " "));
  core.emit_container(container, "top");
  return answer_json({{"Titles", {"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"}},
                      {"Processes",
                       {{"root", std::to_string(container.pid), std::to_string(container.pid - 1), "0",
                         "00:00", "?", "00:00:00", command}}}});
}

Answer read_stats(Core& core, const Call& call) {
  const Container& container = core.container(call.name);
  const bool streams = !call.request.has_parameter("stream") || call.request.flag("stream");
  if (streams) throw Refusal{501, "the fake engine gives one sample only: stream=false"};
  const bool runs = container.is_running();
  const bool compares = runs && !call.request.flag("one-shot");
  const char* const never = "0001-01-01T00:00:00Z";
  json sample{{"read", runs ? to_rfc3339(core.now()) : never},
              {"preread", compares ? to_rfc3339(*container.started) : never},
              {"pids_stats", runs ? show_pids(container) : json::object()},
              {"blkio_stats", show_block_counters(runs)},
              {"num_procs", 0},
              {"storage_stats", json::object()},
              {"cpu_stats", show_cpu(runs, runs ? 43'488'232 : 0)},
              {"precpu_stats", show_cpu(compares, 0)},
              {"memory_stats", runs ? show_memory(container) : json::object()},
              {"name", "/" + container.name},
              {"id", container.id}};
  if (call.request.version >= ApiVersion{1, 52}) sample["os_type"] = "linux";
  return answer_json(sample);
}

}  // namespace halcyon::docker_api::fake
